/** TypeScript from the OpenAPI document: as much of JSON Schema as it uses; what it does not know is refused, not guessed. */

export type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly description?: string;
};

interface Parameter {
  readonly name?: string;
  readonly in?: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, unknown>>;
  };
}

/** The file client/operations.ts. */
export function typescriptOf(document: Document): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const [first = [], ...others] = operations.map(({ operation }) => codesOf(operation));
  const common = first.filter((code) => others.every((codes) => codes.includes(code)));
  return [
    '/** Generated from custody’s routes: `npm run generate` writes it, and a test compares. Do not edit. */',
    ...Object.entries(document.components.schemas).map(
      ([name, schema]) => `${comment(schema.description)}export type ${name} = ${typeOf(schema)};\n`,
    ),
    '/** What can be wrong with every request. */',
    `export type CommonCode = ${common.map(quoted).join(' | ')};\n`,
    'export interface Operations {',
    ...operations.map(({ operation }) => operationType(operation, common)),
    '}\n',
    'export const operations = {',
    ...operations.map(
      ({ path, method, operation }) =>
        `  ${operation.operationId}: { method: '${method}', path: ${quoted(path)} },`,
    ),
    '} as const;',
    '',
  ].join('\n');
}

function codesOf({ responses }: Operation): readonly string[] {
  return Object.values(responses).flatMap(({ $ref }) => $ref?.split('/').at(-1)?.split('.').slice(1) ?? []);
}

function operationType(operation: Operation, common: readonly string[]): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const [status, done] = Object.entries(responses).find(([code]) => code.startsWith('2')) ?? [];
  const answer = done?.content?.['application/json']?.schema;
  if (status === undefined || answer === undefined) throw new Error(`${operationId}: has no answer`);
  const body = requestBody?.content['application/json']?.schema;
  const own = codesOf(operation).filter((code) => !common.includes(code));
  return [
    `  ${comment(summary)}  readonly ${operationId}: {`,
    `    readonly params: ${recordOf(parameters.filter((one) => one.in === 'path'))};`,
    `    readonly query: ${recordOf(parameters.filter((one) => one.in === 'query'))};`,
    `    readonly body: ${body ? typeOf(body) : 'undefined'};`,
    `    readonly answer: ${typeOf(answer)};`,
    `    readonly problem: ${['CommonCode', ...new Set(own.map(quoted))].join(' | ')};`,
    '  };',
  ].join('\n');
}

function recordOf(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return 'undefined';
  const members = parameters.map(
    ({ name = '', required, description, schema = {} }) =>
      `${comment(description)}readonly ${key(name)}${required === true ? '' : '?'}: ${typeOf(schema)}`,
  );
  return `{\n${members.join(';\n')} }`;
}

export function typeOf(schema: Schema): string {
  const { $ref, type, anyOf, oneOf, items, prefixItems, properties } = schema;
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? '';
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  if ('const' in schema) return literal(schema.const);
  const either = anyOf ?? oneOf;
  if (either) return either.map((one) => grouped(typeOf(one))).join(' | ');
  if (typeof type === 'object')
    return type.map((one) => grouped(typeOf({ ...schema, type: one }))).join(' | ');
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      if (prefixItems) return `readonly [${prefixItems.map(typeOf).join(', ')}]`;
      return `readonly ${grouped(typeOf(items ?? {}))}[]`;
    case 'object':
      return properties ? objectOf(schema) : `Readonly<Record<string, ${restOf(schema) ?? 'never'}>>`;
    case undefined:
      if (Object.keys(schema).every((name) => name === 'description')) return 'unknown';
      break;
    default:
  }
  throw new Error(`no type is known for ${JSON.stringify(schema)}`);
}

function objectOf(schema: Schema): string {
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, member]) =>
      `${comment(member.description)}readonly ${key(name)}${schema.required?.includes(name) === true ? '' : '?'}: ${typeOf(member)}`,
  );
  const rest = restOf(schema);
  return `{\n${[...members, ...(rest === undefined ? [] : ['readonly [more: string]: unknown'])].join(';\n')} }`;
}

function restOf({ additionalProperties: rest }: Schema): string | undefined {
  if (rest === undefined || rest === false) return undefined;
  return rest === true ? 'unknown' : typeOf(rest);
}

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const literal = (value: unknown) => (typeof value === 'string' ? quoted(value) : JSON.stringify(value));
const grouped = (type: string) => (/[|&]/.test(type) ? `(${type})` : type);
const key = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name));
const comment = (text: string | undefined) =>
  text === undefined ? '' : `/** ${text.replaceAll('*/', '*\\/')} */\n`;
