import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Module, Param, Post, Put, Query, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Type } from 'class-transformer';
import { IsArray, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { DomainError, RawCount } from '#core';
import { Produces } from '../../src/common/accept.guard.ts';
import { configureHttp } from '../../src/common/http-app.ts';
import type { HttpOptions } from '../../src/common/http-app.ts';
import { EdgeHttpAdapter } from '../../src/common/http-server.ts';
import type { ServerLimits } from '../../src/common/http-server.ts';
import { createLogger } from '../../src/common/logging.ts';
import { PageQuery } from '../../src/common/page.ts';
import { ProblemsController } from '../../src/common/problems.controller.ts';
import type { EdgeRequest } from '../../src/common/request-context.ts';

class PartDto {
  @IsString()
  @MaxLength(10)
  kind: string;
}

class ThingDto {
  @IsString()
  @MaxLength(70_000)
  name: string;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PartDto)
  parts?: PartDto[];
}

@Controller()
class ThingsController {
  @Get('things')
  list(@Query() query: PageQuery): object {
    return { data: [], limit: query.limit };
  }

  @Get('things/:id')
  one(@Param('id') id: string): object {
    return { id };
  }

  @Post('things')
  make(@Body() body: ThingDto): object {
    return { name: body.name, isThing: body instanceof ThingDto };
  }

  @Put('things/:id')
  put(@Param('id') id: string, @Body() body: ThingDto): object {
    return { id, name: body.name };
  }

  /** Gives the body back: what the guard lets through is what arrives. */
  @Post('echo')
  @HttpCode(200)
  echo(@Body() body: object): object {
    return { body };
  }

  @Post('oauth/token')
  @HttpCode(200)
  token(@Body() body: object): object {
    return { body };
  }

  @Get('csv')
  @Produces('text/csv')
  csv(): string {
    return 'a,b\n';
  }

  @Get('boom')
  boom(): never {
    throw new Error('canary-cause crk_live_abcdefgh_canarycanarycanary');
  }

  @Get('unwritable')
  unwritable(): never {
    throw new DomainError('conflict', { public: 'x', extensions: { count: new RawCount(4711n) } });
  }

  @Get('busy')
  busy(): never {
    throw new DomainError('warehouse-busy', { public: 'Busy.', internal: 'canary-internal', retryAfterSeconds: 1.2 });
  }

  @Get('me')
  me(@Req() request: EdgeRequest): object {
    Object.assign(request, { principal: { id: 'key_of_caller', rateKey: 'brd_1' } });
    return { trace: request.context?.traceId, ip: request.ip };
  }
}

@Module({ controllers: [ThingsController, ProblemsController] })
class ThingsModule {}

export interface EdgeApp {
  readonly app: NestExpressApplication;
  readonly url: string;
  readonly port: number;
  /** Log lines written so far, parsed. */
  readonly log: Record<string, unknown>[];
  /** The log as it was written. */
  logText(): string;
  /** The line of a request, as soon as it is written: it may be later than the answer. */
  lineOf(traceId: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface EdgeSettings extends Partial<Omit<HttpOptions, 'logger'>> {
  readonly limits?: Partial<ServerLimits>;
  readonly module?: object;
}

/** A small application behind the whole edge, on a port of its own. */
export async function startEdge({
  limits = {},
  module: root = ThingsModule,
  ...options
}: EdgeSettings = {}): Promise<EdgeApp> {
  const written: string[] = [];
  const parsed = (): Record<string, unknown>[] => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  const writes = new EventEmitter();
  const sink = new Writable({
    write(chunk: Buffer, _, done): void {
      written.push(chunk.toString());
      done();
      writes.emit('line');
    },
  });
  const logger = createLogger('info', sink);
  const adapter = new EdgeHttpAdapter(limits, (refusal) => logger.info(refusal, 'request refused'));
  const app = await NestFactory.create<NestExpressApplication>(root, adapter, { bodyParser: false, logger: false });
  configureHttp(app, { logger, tls: false, ...options });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    app,
    port,
    url: `http://127.0.0.1:${port}`,
    get log() {
      return parsed();
    },
    logText: () => written.join(''),
    async lineOf(traceId) {
      for (;;) {
        const line = parsed().find((entry) => entry['traceId'] === traceId);
        if (line !== undefined) return line;
        await once(writes, 'line');
      }
    },
    close: () => app.close(),
  };
}

export interface RawAnswer {
  readonly text: string;
  readonly status: number;
  readonly head: string;
  /** Body of the one response. */
  readonly body: Record<string, unknown>;
  /** Milliseconds until the server closed the connection. */
  readonly closedAfterMs: number;
}

/**
 * Writes bytes to a socket and reads until the server closes it.
 *
 * @param then written again and again, every 20 ms, for as long as the connection is open.
 */
export function exchange(port: number, bytes: string, then?: string): Promise<RawAnswer> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let drip: NodeJS.Timeout | undefined;
    const giveUp = setTimeout(() => socket.destroy(new Error(`still open after 20 s: ${text}`)), 20_000);
    const finish = (): void => {
      clearInterval(drip);
      clearTimeout(giveUp);
      const [head = '', body = ''] = text.split('\r\n\r\n', 2);
      resolve({
        text,
        head,
        status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
        get body() {
          return JSON.parse(body) as Record<string, unknown>;
        },
        closedAfterMs: performance.now() - started,
      });
    };
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.once('end', () => {
      finish();
      socket.destroy();
    });
    // A reset after the answer is a close too.
    socket.once('error', (error) => (text === '' ? reject(error) : finish()));
    socket.once('connect', () => {
      socket.write(bytes);
      if (then !== undefined) drip = setInterval(() => socket.writable && socket.write(then), 20);
    });
  });
}
