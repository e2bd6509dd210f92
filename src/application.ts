import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.ts';
import { configureHttp } from './common/http-app.ts';
import { EdgeHttpAdapter } from './common/http-server.ts';
import { serveOpenApi } from './openapi-document.ts';
import type { Runtime } from './runtime.ts';

/** Paths that platforms ask all the time. */
const QUIET_PATHS = ['/healthz', '/readyz', '/metrics'];

/** The application, initialised but not listening; tests and the service use this same one. */
export async function createApplication(runtime: Runtime): Promise<NestExpressApplication> {
  const { config, logger } = runtime;
  const adapter = new EdgeHttpAdapter({}, (refusal) => logger.info(refusal, 'request refused'));
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(runtime), adapter, {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  configureHttp(app, {
    logger,
    quietPaths: QUIET_PATHS,
    tls: config.tls,
    trustProxy: config.trustProxy,
    body: { formPaths: ['/oauth/token'] },
  });
  serveOpenApi(app);
  try {
    await app.init();
  } catch (error) {
    // What a capability that came before the refusal began, such as the queue of jobs, must not go on.
    await app.close();
    throw error;
  }
  return app;
}
