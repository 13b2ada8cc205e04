/** OpenAPI 3.1, from the routes that the router runs. openapi.json is a copy of it, which a test compares. */
import { z } from 'zod';
import { eventData } from '../webhooks/event-data.ts';
import { problemCodes, type ProblemCode } from './problem.ts';
import { problemsOf, type Route } from './route.ts';
import { named, routes } from './routes.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type Object = { readonly [name: string]: Json };

const signing = [
  'Every request is signed by a key of the exchange (Ed25519, RFC 9421), in one form:',
  'sig=("@method" "@path" "@query" "content-digest" "idempotency-key");created=…;expires=…;keyid="…";alg="ed25519",',
  'expires at most 300 s after created; content-digest is the SHA-256 of the body (RFC 9530), of the empty one too.',
  'A POST is decided once for each idempotency key: again with the same body it gets the first answer, a refusal too.',
  'A GET may have any.',
].join(' ');

export function openapi(): Object {
  const schemas = schemasOf(routes);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Kuramori custody',
      version: '1',
      description: signing,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    security: [{ signature: [] }],
    paths: pathsOf(routes),
    webhooks: webhooks(),
    components: {
      schemas,
      responses: responsesOf(routes),
      parameters: Object.fromEntries(signedHeaders.map((header) => [header.name, header])),
      securitySchemes: {
        signature: { type: 'apiKey', in: 'header', name: 'signature', description: signing },
      },
    },
  };
}

const signedHeaders = [
  { name: 'signature-input', description: 'What is signed, when, and by which key.' },
  { name: 'content-digest', description: 'sha-256=:<base64 of the body’s SHA-256>:' },
  { name: 'idempotency-key', description: 'New for each decision, and the same for each repetition of it.' },
].map(({ name, description }) => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
}));

function pathsOf(all: readonly Route[]): Object {
  const paths = new Map<string, Record<string, Json>>();
  for (const route of all) {
    const path = paths.get(route.path) ?? {};
    path[route.method.toLowerCase()] = operationOf(route);
    paths.set(route.path, path);
  }
  return Object.fromEntries(paths);
}

function operationOf(route: Route): Object {
  const { name, what, role, params, query, body, answers } = route;
  return {
    operationId: name,
    summary: what,
    description: `The key needs the role ${role}.`,
    'x-role': role,
    parameters: [
      ...signedHeaders.map((header) => ({ $ref: `#/components/parameters/${header.name}` })),
      ...parametersOf('path', params),
      ...parametersOf('query', query),
    ],
    ...(body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: reference(nameOfBody(route)) } },
          },
        }),
    responses: {
      [answers.status]: {
        description: 'Done.',
        content: { 'application/json': { schema: reference(nameOfAnswer(route)) } },
      },
      ...Object.fromEntries(
        Array.from(problemsOf(route), ([status, codes]) => [
          status,
          { $ref: `#/components/responses/${responseName(status, codes)}` },
        ]),
      ),
    },
  };
}

function responsesOf(all: readonly Route[]): Object {
  return Object.fromEntries(
    all.flatMap((route) =>
      Array.from(problemsOf(route), ([status, codes]) => [
        responseName(status, codes),
        problemResponse(status, codes),
      ]),
    ),
  );
}

const responseName = (status: number, codes: readonly ProblemCode[]) => [status, ...codes].join('.');

function problemResponse(status: number, codes: readonly ProblemCode[]): Object {
  return {
    description: codes.map((code) => `${code}: ${problemCodes[code]}`).join(' '),
    ...(status === 429
      ? { headers: { 'retry-after': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } } }
      : {}),
    content: {
      'application/problem+json': {
        schema: { allOf: [reference('Problem'), { properties: { code: { enum: codes } } }] },
      },
    },
  };
}

function parametersOf(where: 'path' | 'query', schema: z.ZodObject): readonly Object[] {
  const { properties = {}, required = [] } = jsonSchema(schema) as {
    properties?: Record<string, Object>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...one }]) => ({
    name,
    in: where,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: one,
  }));
}

/** What is sent to the exchange's own address: the events, by their kinds. */
function webhooks(): Object {
  return Object.fromEntries(
    Object.keys(eventData).map((kind) => [
      kind,
      {
        post: {
          operationId: `on-${kind}`,
          summary: `Something happened to a ${kind}.`,
          description:
            'Signed by Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature. Answer with 2xx within 10 s; anything else is tried again for three days. Events of one object come in order; any can come twice.',
          security: [],
          requestBody: { content: { 'application/json': { schema: reference('Event') } } },
          responses: { '2XX': { description: 'Accepted.' } },
        },
      },
    ]),
  );
}

const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const nameOfBody = ({ name }: Route) => `${capital(name)}Body`;

/** An answer that is a thing with a name has that name. */
function nameOfAnswer({ name, answers }: Route): string {
  const known = Object.entries(named).find(([, schema]) => schema === answers.body)?.[0];
  // Two routes may answer alike; the first one gives the name.
  const first = routes.find((route) => route.answers.body === answers.body)?.name ?? name;
  return known ?? `${capital(first)}Answer`;
}

function reference(name: string): Object {
  return { $ref: `#/components/schemas/${name}` };
}

function schemasOf(all: readonly Route[]): Object {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  for (const route of all) {
    if (route.body !== null) registry.add(route.body, { id: nameOfBody(route) });
    if (!registry.has(route.answers.body)) registry.add(route.answers.body, { id: nameOfAnswer(route) });
  }
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
    override: tidy,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [
      name,
      schema as Object,
    ]),
  );
}

/** What travels: bodies before they are read, answers as they are written. */
function jsonSchema(schema: z.ZodType): Object {
  return z.toJSONSchema(schema, { io: 'input', override: tidy }) as unknown as Object;
}

/** A number in a query is a text with digits to the reader, and an integer to everybody else. */
function tidy({ jsonSchema: schema }: { jsonSchema: { type?: unknown; pattern?: unknown } }): void {
  if (schema.type === 'integer') delete schema.pattern;
}
