import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  readRequest,
  requestHeaders,
  signatureBase,
  signingKeyFromSeed,
  signRequest,
  verifyRequest,
  type SignedRequest,
} from './index.ts';

interface File {
  readonly seed: string;
  readonly publicKey: string;
  readonly vectors: readonly {
    readonly name: string;
    readonly request: SignedRequest;
    readonly base: string;
    readonly headers: Record<string, string>;
  }[];
}

const { seed, publicKey, vectors } = JSON.parse(
  readFileSync(new URL('data/request-vectors.json', import.meta.url), 'utf8'),
) as File;
const key = signingKeyFromSeed(Buffer.from(seed, 'hex'));

describe('core/data/request-vectors.json', () => {
  it('has the key that its seed makes, and vectors', () => {
    expect(key.publicKey).toBe(publicKey);
    expect(vectors.length).toBeGreaterThan(3);
  });

  it.each(vectors)('$name', ({ request, base, headers }) => {
    const { method, path, query, body } = request;
    expect(signatureBase(request)).toBe(base);
    expect(signRequest(key, request)).toEqual(request);
    expect(verifyRequest(publicKey, request)).toBe(true);
    expect(requestHeaders(request)).toEqual(headers);
    expect(readRequest(method, path, query, (name) => headers[name], body)).toEqual({
      kind: 'request',
      request,
    });
  });

  it.each([
    ['a path that leads up', '/v1/deposits/../status', ''],
    ['a path with a dot in it', '/v1/./status', ''],
    ['a path with an escape', '/v1/%73tatus', ''],
    ['a path with an empty segment', '/v1//status', ''],
    ['a path that ends in a slash', '/v1/status/', ''],
    ['a query with a fragment', '/v1/status', 'a#b'],
    ['a query with a space', '/v1/status', 'a b'],
  ])('%s has another spelling, and is not read', (_what, path, query) => {
    const signed = signRequest(key, { ...(vectors[3]?.request as SignedRequest), path, query });
    const headers = requestHeaders(signed);
    expect(readRequest('GET', path, query, (name) => headers[name], '')).toMatchObject({
      kind: 'refused',
      field: query === '' ? 'path' : 'query',
    });
  });
});
