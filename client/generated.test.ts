/** The OpenAPI document and the client's types are those of the routes that run; the document is one. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openapi } from '../custody/api/openapi.ts';
import { routes } from '../custody/api/routes.ts';
import { problemCodes } from '../custody/api/problem.ts';
import { generated } from './testing/generated.ts';
import { typeOf, typescriptOf, type Document } from './testing/typescript.ts';

const document = openapi() as unknown as Document & {
  readonly openapi: string;
  readonly components: Record<string, Record<string, unknown>>;
};

describe('the copies', () => {
  it.each(generated())('$file is what the code says: else run npm run generate', ({ file, text }) => {
    expect(readFileSync(file, 'utf8') === text, `${file} is not what npm run generate writes`).toBe(true);
  });

  it('a route that changed would be seen', () => {
    const changed = structuredClone(document) as unknown as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const post = changed.paths['/v1/withdrawals']?.['post'];
    if (!post) throw new Error('there is a withdrawal');
    post.operationId = 'payOut';
    expect(typescriptOf(changed as unknown as Document)).not.toBe(typescriptOf(document));
  });
});

describe('the document', () => {
  it('is OpenAPI 3.1, and has every route, once', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`,
      ),
    );
    expect(operations.toSorted()).toEqual(
      routes.map(({ method, path, name }) => `${method} ${path} ${name}`).toSorted(),
    );
    expect(new Set(routes.map(({ name }) => name)).size).toBe(routes.length);
  });

  it('every reference leads somewhere, and everything is referred to', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/components\/([a-zA-Z]+)\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(50);
    expect(references.length).toBe(text.split('"$ref"').length - 1);
    for (const [, kind = '', name = ''] of references)
      expect(document.components[kind], `${kind}/${name}`).toHaveProperty([name]);
    const used = new Set(references.map(([, kind, name]) => `${kind}/${name}`));
    for (const kind of ['schemas', 'responses', 'parameters'])
      for (const name of Object.keys(document.components[kind] ?? {}))
        expect(used, `${kind}/${name} is used`).toContain(`${kind}/${name}`);
  });

  it('every parameter in a path is told, and no other', () => {
    for (const { path, params } of routes) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(params.shape), path).toEqual(inPath);
    }
  });

  it('every problem code that there is can be answered by some route', () => {
    const told = new Set(
      Object.keys(document.components['responses'] ?? {}).flatMap((name) => name.split('.').slice(1)),
    );
    // Where there is no route there is no operation to tell it.
    expect([...told, 'no-route'].toSorted()).toEqual(Object.keys(problemCodes).toSorted());
  });

  it('no answer and no body has a type that anything fits', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect(typeOf(schema), name).not.toBe('unknown');
    }
  });
});

describe('the generator', () => {
  it.each([
    [{ type: 'string', enum: ['a', "b'"] }, "'a' | 'b\\''"],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'number | null'],
    [{ type: 'array', items: { type: ['string', 'null'] } }, 'readonly (string | null)[]'],
    [{ type: 'object', properties: { 'a-b': { const: 1 } }, required: [] }, "{\nreadonly 'a-b'?: 1 }"],
    [{ $ref: '#/components/schemas/Deposit' }, 'Deposit'],
  ])('%j', (schema, type) => {
    expect(typeOf(schema)).toBe(type);
  });

  it('refuses what it does not know, and guesses nothing', () => {
    expect(() => typeOf({ allOf: [] } as never)).toThrow(/no type is known/);
    expect(() => typeOf({ type: 'file' })).toThrow(/no type is known/);
  });
});
