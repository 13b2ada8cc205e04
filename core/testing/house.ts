/** A small house for tests: everybody's keys, always the same; a policy; what the exchange asks for; a case to judge. */
import { createHash } from 'node:crypto';
import {
  parseAmount,
  Role,
  signingKeyFromSeed,
  signRequest,
  signStatement,
  treasuryId,
  withdrawalIntent,
  withdrawalPath,
  XEM,
  type Asset,
  type Case,
  type Control,
  type EvacuationAsk,
  type Evidence,
  type ExchangeKey,
  type History,
  type Intent,
  type PaymentAsk,
  type Policy,
  type SignedRequest,
  type Spend,
  type Thaw,
} from '../index.ts';
import { bytesDigest } from '../canonical.ts';
import { emptyHistory } from '../history.ts';

export function keyNamed(name: string) {
  return signingKeyFromSeed(createHash('sha256').update(`test ${name}`).digest());
}

export const exchange = keyNamed('exchange');
export const towers = [keyNamed('tower 1'), keyNamed('tower 2'), keyNamed('tower 3')] as const;
export const [tower] = towers;
export const records = [keyNamed('record 1'), keyNamed('record 2')] as const;
export const keepers = [keyNamed('keeper 1'), keyNamed('keeper 2')] as const;
export const operator = keyNamed('operator');
export const books = keyNamed('books');
/** Signs nothing that anybody believes. */
export const thief = keyNamed('thief');

/** Milliseconds of Unix time at which the tests play. */
export const now = Date.UTC(2026, 0, 26, 0, 2);
export const hour = 3_600_000;

export const xem = (text: string) => parseAmount(text, XEM);

export const rule: Omit<Policy['rules'][number], 'wallet'> = {
  asset: XEM,
  perPayment: xem('1000'),
  rolling: { hours: 24, units: xem('3000') },
  firstSeen: { hours: 24, shareBps: 1_000 },
  feeCap: xem('5'),
};

/** A key that may do everything, from anywhere, since ever. */
export function keyOf(keyId: string, publicKey: string, more: Partial<ExchangeKey> = {}): ExchangeKey {
  return {
    keyId,
    publicKey,
    roles: [...Role.options],
    addresses: ['0.0.0.0/0', '::/0'],
    notBefore: 0,
    ...more,
  };
}

export const policy: Policy = {
  v: 1,
  version: 1,
  prev: null,
  keepers: {
    quorum: 2,
    people: keepers.map(({ publicKey }, index) => ({ name: `keeper-${index + 1}`, key: publicKey })),
  },
  loosening: { delay: 86_400, objection: 86_400 },
  operators: [{ name: 'operator-1', key: operator.publicKey }],
  thaw: { delay: 21_600 },
  issued: now / 1000 - 86_400,
  network: 'devnet',
  exchanges: [{ id: 'exchange-1', keys: [keyOf('key-1', exchange.publicKey)] }],
  keyDelay: 86_400,
  watchtowers: { quorum: 1, keys: [tower.publicKey] },
  books: { key: books.publicKey },
  signers: records.map(({ publicKey }, index) => ({ id: `signer-${index + 1}`, recordKey: publicKey })),
  wallets: [
    {
      id: 'hot',
      role: 'hot',
      chain: 'nem',
      address: 'HOT',
      publicKey: 'hot',
      threshold: 2,
      cosigners: [
        { publicKey: 'c1', signer: 'signer-1' },
        { publicKey: 'c2', signer: 'signer-2' },
        { publicKey: 'c3', signer: null },
      ],
      evacuateTo: 'cold',
    },
    {
      id: 'cold',
      role: 'cold',
      chain: 'nem',
      address: 'COLD',
      publicKey: 'cold',
      threshold: 2,
      cosigners: ['d1', 'd2', 'd3'].map((publicKey) => ({ publicKey, signer: null })),
      evacuateTo: null,
    },
  ],
  rules: [{ wallet: 'hot', ...rule }],
  denials: [],
  lists: [],
  groups: [],
  values: [],
  hotShareBps: 500,
};

/** Whose keys the chain lets act for the hot wallet: those of the policy. */
export const control: Control = { threshold: 2, keys: ['c1', 'c2', 'c3'] };

export interface Asked {
  readonly asset?: Asset;
  readonly to?: string;
  readonly units?: bigint;
  readonly feeCap?: bigint;
  readonly memo?: string;
  readonly key?: string;
  /** Unix ms. */
  readonly at?: number;
  readonly by?: typeof exchange;
  readonly query?: string;
}

let count = 0;

/** What the exchange signs. */
export function requestFor(asked: Asked = {}): SignedRequest {
  const { to = 'ALICE', units = xem('10'), feeCap = xem('1'), memo = '', at = now, asset = XEM } = asked;
  const created = Math.floor(at / 1000);
  const body = {
    customer: 'customer-1',
    asset,
    amount: units.toString(),
    destination: { address: to, memo },
    feeCap: feeCap.toString(),
  };
  count += 1;
  return signRequest(asked.by ?? exchange, {
    method: 'POST',
    path: withdrawalPath,
    query: asked.query ?? '',
    body: JSON.stringify(body),
    idempotencyKey: asked.key ?? `key-${count}`,
    created,
    expires: created + 120,
    keyId: 'key-1',
  });
}

/** The intent that a request leads to. */
export function intentFor(request: SignedRequest, wallet = 'hot'): Intent {
  const read = withdrawalIntent('exchange-1', wallet, request);
  if (read.kind === 'refused') throw new Error(`${read.field} ${read.why}`);
  return read.intent;
}

export function partOf(
  request: SignedRequest,
  intent: Intent = intentFor(request),
): PaymentAsk['intents'][number] {
  return { intent, authority: { kind: 'exchange-request', request }, approvals: [] };
}

/** Bytes that nobody reads: the case says what they mean. */
export function bytes(): string {
  count += 1;
  return count.toString(16).padStart(8, '0');
}

export function spendFor(intents: readonly Intent[], share: string, more: Partial<Spend> = {}): Spend {
  return {
    from: 'HOT',
    outputs: intents.map(({ destination, asset, amount }) => ({ ...destination, asset, units: amount })),
    fees: xem('0.45'),
    feeAsset: XEM,
    validUntil: Math.floor(now / 1000) + 7200,
    transactionId: '00',
    signer: 'c1',
    share,
    ...more,
  };
}

/** A payment of the requests that signer-1 would sign, unless something about it is changed. */
export function paymentCase(
  requests: readonly SignedRequest[] = [requestFor()],
  change: { ask?: Partial<PaymentAsk>; spend?: Partial<Spend>; case?: Partial<Case> } = {},
): Case {
  const share = bytes();
  const ask: PaymentAsk = {
    kind: 'payment',
    wallet: 'hot',
    intents: requests.map((request) => partOf(request)),
    plan: share,
    share,
    facts: [],
    ...change.ask,
  };
  const spend = spendFor(
    requests.map((request) => intentFor(request)),
    share,
    change.spend,
  );
  return {
    policy,
    signer: 'signer-1',
    ask,
    explained: { kind: 'spend', spend },
    conflicts: () => false,
    evidenceSigned: false,
    evidenceCovered: false,
    races: false,
    witnessed: { at: now, balance: xem('50000'), control, dead: new Set() },
    history: emptyHistory(),
    ...change.case,
  };
}

export const frozenHistory = (): History => ({
  ...emptyHistory(),
  freezes: [{ freeze: { by: tower.publicKey, at: now, why: 'test' }, signature: '' }],
});

/** A watchtower's statement that no record covers the bytes. */
export function statementOf(signed: string, by = tower, heads = headsOf([0, 0]), wallet = 'hot') {
  const statement = { wallet, bytes: bytesDigest(signed), at: now, heads };
  return { statement, watchtower: by.publicKey, signature: signStatement(by, 'uncovered', statement) };
}

export function headsOf(seqs: readonly number[]) {
  return seqs.map((seq, index) => ({ signer: `signer-${index + 1}`, seq, hash: '0'.repeat(64) }));
}

/** An evacuation that signer-1 would sign, unless something about it is changed. */
export function evacuationCase(
  change: { ask?: Partial<EvacuationAsk>; intent?: Partial<Intent>; evidence?: Partial<Evidence> } = {},
  over: Partial<Case> = {},
): Case {
  const share = bytes();
  const stolen = bytes();
  const intent: Intent = {
    id: treasuryId('evacuation', 'hot', 1),
    reason: 'evacuation',
    wallet: 'hot',
    asset: XEM,
    destination: { address: 'COLD', memo: '' },
    amount: xem('49000'),
    feeCap: xem('2'),
    expiry: Math.floor(now / 1000) + 7200,
    ...change.intent,
  };
  const evidence = {
    bytes: stolen,
    signer: 'c2',
    signature: '00',
    statements: [statementOf(stolen)],
    ...change.evidence,
  };
  const ask: EvacuationAsk = {
    kind: 'evacuation',
    wallet: 'hot',
    intent,
    number: 1,
    plan: share,
    share,
    facts: [],
    evidence,
    ...change.ask,
  };
  return {
    policy,
    signer: 'signer-1',
    ask,
    explained: { kind: 'spend', spend: spendFor([intent], share) },
    conflicts: () => false,
    evidenceSigned: true,
    evidenceCovered: false,
    races: false,
    witnessed: { at: now, balance: xem('50000'), control, dead: new Set() },
    history: frozenHistory(),
    ...over,
  };
}

/** Why it is refused; 'approved' where it is not. */
export function why(judgement: { readonly kind: string; readonly why?: string }): string {
  return judgement.why ?? judgement.kind;
}

/** What keepers say in a thaw of a test. */
export const answered: Pick<Thaw, 'cause' | 'answers'> = {
  cause: 'a drill: somebody froze to see whether it holds',
  answers: {
    'key-replaced': 'none was stolen',
    'evidence-explained': 'there is none',
    'rooms-rebuilt': 'none had to be',
    'people-told': 'nobody: it was a drill',
    'who-decided': 'both keepers',
  },
};
