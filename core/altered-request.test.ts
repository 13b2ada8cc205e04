import { describe, expect, it } from 'vitest';
import {
  judge,
  readRequest,
  requestedIntent,
  requestHeaders,
  returnPath,
  signatureBase,
  SignedRequest,
  verifyRequest,
  withdrawalId,
  XEM,
  type Intent,
} from './index.ts';
import {
  exchange,
  intentFor,
  now,
  partOf,
  paymentCase,
  requestFor,
  thief,
  why,
  xem,
} from './testing/house.ts';

const request = requestFor({ key: 'k-1' });

describe('each part of the signed request is covered by the signature', () => {
  const altered: readonly (readonly [part: string, change: Partial<SignedRequest>])[] = [
    ['method', { method: 'GET' }],
    ['path', { path: '/v1/withdrawals/' }],
    ['query', { query: 'a=1' }],
    ['body', { body: request.body.replace('ALICE', 'THIEF') }],
    ['body, by one space', { body: `${request.body} ` }],
    ['idempotency key', { idempotencyKey: 'k-2' }],
    ['created', { created: request.created + 1 }],
    ['expires', { expires: request.expires + 1 }],
    ['key id', { keyId: 'key-2' }],
    ['signature', { signature: `${request.signature.slice(0, -2)}00` }],
  ];

  it('as it is, it verifies', () => {
    expect(verifyRequest(exchange.publicKey, request)).toBe(true);
  });

  it.each(altered)('%s', (_part, change) => {
    expect(verifyRequest(exchange.publicKey, { ...request, ...change })).toBe(false);
  });

  it('no part is left out of the table', () => {
    const changed = new Set(altered.flatMap(([, change]) => Object.keys(change)));
    expect([...changed].sort()).toEqual(Object.keys(SignedRequest.shape).sort());
  });
});

describe('the signature base is the one of RFC 9421 §2.5, written out by hand', () => {
  it('of a request', () => {
    const given = {
      method: 'POST',
      path: '/v1/withdrawals',
      query: '',
      body: '{"hello": "world"}',
      idempotencyKey: 'a:b-1',
      created: 1_618_884_473,
      expires: 1_618_884_593,
      keyId: 'key-1',
    } as const;
    // The digest is the one that RFC 9530 appendix B gives for this body.
    expect(signatureBase(given)).toBe(
      [
        '"@method": POST',
        '"@path": /v1/withdrawals',
        // §2.2.7: "If the query string is absent from the request message, the component value is the leading ? character alone".
        '"@query": ?',
        '"content-digest": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:',
        '"idempotency-key": a:b-1',
        '"@signature-params": ("@method" "@path" "@query" "content-digest" "idempotency-key");created=1618884473;expires=1618884593;keyid="key-1";alg="ed25519"',
      ].join('\n'),
    );
  });

  it('and what the headers carry is read back as the same request', () => {
    const headers = requestHeaders(request);
    const read = readRequest('POST', request.path, '', (name) => headers[name], request.body);
    expect(read).toEqual({ kind: 'request', request });
  });

  it.each([
    ['another order', (input: string) => input.replace('"@method" "@path"', '"@path" "@method"')],
    ['a part left out', (input: string) => input.replace(' "content-digest"', '')],
    ['the form without the query', (input: string) => input.replace(' "@query"', '')],
    ['another algorithm', (input: string) => input.replace('ed25519', 'hmac-sha256')],
    ['a second signature', (input: string) => `${input}, other=("@method")`],
    ['a time of 13 digits', (input: string) => input.replace(/created=\d+/, 'created=1618884473000')],
  ])('%s is not read', (_name, change) => {
    const headers = requestHeaders(request);
    const changed = { ...headers, 'signature-input': change(headers['signature-input'] ?? '') };
    const read = readRequest(
      'POST',
      request.path,
      '',
      (name) => changed[name as keyof typeof changed],
      request.body,
    );
    expect(read).toMatchObject({ kind: 'refused', field: 'signature-input' });
  });
});

describe('what is wrong with a request’s headers is named', () => {
  const headers = requestHeaders(request);
  const without = (name: string) => ({ ...headers, [name]: undefined });
  it.each<[string, string, Record<string, string | undefined>, string?]>([
    ['no signature input', 'signature-input', without('signature-input')],
    ['no signature', 'signature', without('signature')],
    ['a signature of other bytes', 'signature', { ...headers, signature: 'sig=:AAAA:' }],
    ['no digest', 'content-digest', without('content-digest')],
    ['another body', 'content-digest', headers, `${request.body} `],
    ['no idempotency key', 'idempotency-key', without('idempotency-key')],
    ['an idempotency key with a space', 'idempotency-key', { ...headers, 'idempotency-key': 'a b' }],
  ])('%s', (_what, field, given, body = request.body) => {
    const read = readRequest('POST', request.path, '', (name) => given[name], body);
    expect(read).toMatchObject({ kind: 'refused', field });
  });

  it.each([
    ['a method that asks for nothing', 'method', 'PUT', request.path, ''],
    ['a path with two spellings', 'path', 'POST', '/v1/../v1/withdrawals', ''],
    ['a query with a space', 'query', 'POST', request.path, 'a b'],
  ])('%s', (_what, field, method, path, query) => {
    expect(readRequest(method, path, query, (name) => headers[name], request.body)).toMatchObject({
      kind: 'refused',
      field,
      why: expect.stringMatching(/./) as string,
    });
  });
});

describe('what a request asks for', () => {
  const asks = (change: Partial<SignedRequest>, body: object | string = {}) => {
    const written =
      typeof body === 'string' ? body : JSON.stringify({ ...(JSON.parse(request.body) as object), ...body });
    return requestedIntent('exchange-1', 'hot', { ...request, body: written, ...change });
  };
  const returned = {
    customer: undefined,
    deposit: `${'a'.repeat(64)}:0`,
  };

  it('is a withdrawal, as the exchange wrote it', () => {
    expect(asks({})).toMatchObject({
      kind: 'withdrawal',
      intent: {
        id: withdrawalId('exchange-1', 'k-1'),
        reason: 'withdrawal',
        wallet: 'hot',
        asset: XEM,
        destination: { address: 'ALICE', memo: '' },
        amount: xem('10'),
        feeCap: xem('1'),
        expiry: request.created + 86_400,
      },
    });
  });

  it('is a return by the other path: one deposit, one intent, whatever the idempotency key', () => {
    const read = asks({ path: returnPath }, returned);
    expect(read).toMatchObject({ kind: 'return', intent: { reason: 'return', amount: xem('10') } });
    const idOf = (change: Partial<SignedRequest>, body: object = {}) => {
      const one = asks({ path: returnPath, ...change }, { ...returned, ...body });
      return one.kind === 'refused' ? one.field : one.intent.id;
    };
    const first = idOf({});
    expect(idOf({ idempotencyKey: 'another' })).toBe(first);
    expect(idOf({}, { attempt: 1 })).toBe(first);
    expect(idOf({}, { attempt: 2 })).not.toBe(first);
    expect(idOf({}, { deposit: `${'a'.repeat(64)}:1` })).not.toBe(first);
  });

  it.each<[string, string, Partial<SignedRequest>, (object | string)?]>([
    ['another method', 'path', { method: 'GET' }],
    ['another path', 'path', { path: '/v1/customers' }],
    ['another method on the other path', 'path', { method: 'GET', path: returnPath }, returned],
    ['a query, which no intent would tell of', 'query', { query: 'a=1' }],
    ['a body that is no JSON', 'body', {}, '{'],
    ['a body that is no object', 'body', {}, '7'],
    ['a member that nobody knows', 'body', {}, { more: 1 }],
    ['nothing', 'amount', {}, { amount: '0' }],
    ['less than nothing', 'amount', {}, { amount: '-1' }],
    [
      'a memo that is too long',
      'destination.memo',
      {},
      { destination: { address: 'A', memo: 'x'.repeat(1025) } },
    ],
    ['nothing back', 'amount', { path: returnPath }, { ...returned, amount: '0' }],
    ['the return of what is no deposit', 'deposit', { path: returnPath }, { ...returned, deposit: 'x' }],
    ['the return of an attempt that is none', 'attempt', { path: returnPath }, { ...returned, attempt: 0 }],
  ])('is not %s', (_what, field, change, body) => {
    expect(asks(change, body)).toMatchObject({
      kind: 'refused',
      field,
      why: expect.stringMatching(/./) as string,
    });
  });

  it('is refused with what must be, so that the exchange can mend it', () => {
    expect(asks({}, { amount: '0' })).toMatchObject({ why: 'must be more than 0' });
    const headers = requestHeaders(request);
    const read = readRequest('POST', '/v1/..', '', (name) => headers[name], request.body);
    expect(read).toMatchObject({
      field: 'path',
      why: expect.stringContaining('at most 8 segments') as string,
    });
  });

  it('may be the smallest unit', () => {
    expect(asks({}, { amount: '1' })).toMatchObject({ kind: 'withdrawal', intent: { amount: 1n } });
    expect(asks({ path: returnPath }, { ...returned, amount: '1' })).toMatchObject({ kind: 'return' });
  });
});

describe('custody cannot alter what was asked', () => {
  const real = intentFor(request);
  const altered: readonly (readonly [field: string, change: Partial<Intent>])[] = [
    ['destination', { destination: { address: 'THIEF', memo: '' } }],
    ['memo', { destination: { ...real.destination, memo: 'other' } }],
    ['amount', { amount: real.amount + 1n }],
    ['fee cap', { feeCap: xem('4') }],
    ['expiry', { expiry: real.expiry + 1 }],
    ['id', { id: 'f'.repeat(64) }],
    ['reason', { reason: 'evacuation' }],
  ];

  it.each(altered)('the intent: %s', (_field, change) => {
    const intent = { ...real, ...change };
    const given = paymentCase([request], { ask: { intents: [partOf(request, intent)] } });
    expect(why(judge(given))).toBe('intent-altered');
  });

  it('the wallet', () => {
    const given = paymentCase([request], {
      ask: { intents: [partOf(request, { ...real, wallet: 'cold' })] },
    });
    expect(why(judge(given))).toBe('intent-altered');
  });

  it('a request that the exchange did not sign, under its name', () => {
    expect(why(judge(paymentCase([requestFor({ by: thief })])))).toBe('authority-signature');
  });

  it('a request that names a key of nobody', () => {
    const stranger = { ...request, keyId: 'key-9' };
    const given = paymentCase([request], { ask: { intents: [partOf(stranger, real)] } });
    expect(why(judge(given))).toBe('authority-key-unknown');
  });

  it('a request for something else: signed by the exchange, but no withdrawal', () => {
    const other = { ...request, path: '/v1/customers' };
    expect(why(judge(paymentCase([request], { ask: { intents: [partOf(other, real)] } })))).toBe(
      'authority-signature',
    );
  });

  it('a request kept from the future: whoever had the key for a day signs ahead', () => {
    const ahead = requestFor({ at: now + 301_000 });
    expect(why(judge(paymentCase([ahead])))).toBe('request-from-the-future');
    expect(judge(paymentCase([requestFor({ at: now + 300_000 })])).kind).toBe('approved');
  });

  it('a withdrawal with a query, which no intent would tell of', () => {
    expect(
      why(judge(paymentCase([request], { ask: { intents: [partOf(requestFor({ query: 'a=1' }), real)] } }))),
    ).toBe('authority-request');
  });

  it('a request so far ahead that its expiry is no number', () => {
    expect(SignedRequest.safeParse({ ...request, created: Number.MAX_SAFE_INTEGER }).success).toBe(false);
  });
});
