import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';

const DESCRIPTION = `A retail-media clean room. Brands define audiences over a retailer's loyalty data and read their
sizes; no row leaves. Every number is noised, thresholded and charged to a differential-privacy budget; the same
question on the same data gives the stored answer at no charge.

Errors are problem documents (RFC 9457); switch on \`code\`. Lists are \`{data, nextCursor}\`. Amounts of budget are
integer nano-ρ (zero-concentrated differential privacy), ε is at δ = 1e-9.`;

/** The OpenAPI 3.1 document of the application, with sorted paths so that it can be compared as text. */
export function buildOpenApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Haven')
    .setVersion('1')
    .setDescription(DESCRIPTION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key (crk_…) or an access token.' })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '').toLowerCase()}_${method}`,
  });
  return { ...document, paths: sorted(document.paths), components: sortedComponents(document.components) };
}

/** Serves the document at `/openapi.json` and Swagger UI at `/docs`, under whatever host name it is reached by. */
export function serveOpenApi(app: NestExpressApplication): void {
  SwaggerModule.setup('docs', app, () => buildOpenApi(app), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Haven API',
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true, tryItOutEnabled: true },
  });
}

const sorted = <T>(members: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(members).toSorted(([a], [b]) => (a < b ? -1 : 1)));

function sortedComponents(components: OpenAPIObject['components']): NonNullable<OpenAPIObject['components']> {
  return { ...components, schemas: sorted(components?.schemas ?? {}) };
}
