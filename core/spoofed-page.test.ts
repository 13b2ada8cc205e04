/** A page that is not ours, or that asks for another digest than it displays, and whoever would make one person's passkey count for more. */
import { describe, expect, it } from 'vitest';
import {
  Approval,
  approvalDigest,
  approvalOf,
  Assertion,
  canonicalText,
  countApprovals,
  flawOfAssertion,
  judge,
  judgeUnder,
  Policy,
  policyDigest,
  signStatement,
  soundness,
  verifyText,
  writtenBy,
  type Intent,
} from './index.ts';
import {
  authenticatorNamed,
  derOf,
  integersOf,
  order,
  origin,
  otherS,
  rpId,
  type Bent,
} from './testing/authenticator.ts';
import {
  intentFor,
  keyNamed,
  operator,
  partOf,
  paymentCase,
  policy as plain,
  requestFor,
  thief,
  why,
  xem,
} from './testing/house.ts';
import { orderCase, policy as coldPolicy, refill } from './testing/vaults.ts';

/** Aoki has a key, and two passkeys; Baba has a passkey alone. */
const aoki = keyNamed('aoki').publicKey;
const baba = 'baba';
const chiba = keyNamed('chiba').publicKey;
const [phone, token, babas, copied, strange] = ['phone', 'token', 'baba', 'copied', 'strange'].map(
  authenticatorNamed,
) as [Auth, Auth, Auth, Auth, Auth];
type Auth = ReturnType<typeof authenticatorNamed>;

const passkeys: NonNullable<Policy['passkeys']> = {
  rpId,
  origins: [origin, `https://tower.${rpId}:8443`],
  people: [
    { person: aoki, passkeys: [phone.passkey, token.passkey] },
    { person: baba, passkeys: [babas.passkey] },
    { person: chiba, passkeys: [{ ...copied.passkey, synced: true }] },
  ],
};
const approvals = { from: xem('100'), quorum: 2, people: [aoki, baba, chiba] };
const policyWith = (
  change: Partial<NonNullable<Policy['rules'][number]['approvals']>> = {},
  more: Partial<Policy> = {},
): Policy => ({
  ...plain,
  passkeys,
  rules: plain.rules.map((rule) => ({ ...rule, approvals: { ...approvals, ...change } })),
  ...more,
});
const policy = policyWith();

const byKey = (name: string, intent: Intent): Approval => {
  const key = keyNamed(name);
  return { person: key.publicKey, signature: signStatement(key, 'approval', approvalOf(intent)) };
};
const intent = intentFor(requestFor({ units: xem('100') }));
const digest = approvalDigest(intent);
const flaw = (bent: Bent = {}, person = aoki, by = phone) =>
  flawOfAssertion(passkeys, person, digest, by.assert(digest, bent));

type Given = (intent: Intent) => readonly Approval[];

function judged(given: Given, of = policy, units = '100'): string {
  const request = requestFor({ units: xem(units) });
  const asked = intentFor(request);
  const part = { ...partOf(request, asked), approvals: [...given(asked)] };
  return why(judge(paymentCase([request], { ask: { intents: [part] }, case: { policy: of } })));
}

describe('an approval by a passkey', () => {
  it('has the very digest that a key would sign as its challenge', () => {
    const { clientDataJSON } = phone.assert(digest);
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON, 'hex').toString()) as { challenge: string };
    const { signature = '' } = byKey('aoki', intent);
    expect(verifyText(aoki, 'approval', Buffer.from(challenge, 'base64url').toString('hex'), signature)).toBe(
      true,
    );
  });

  it.each<[string, Given]>([
    ['two people by passkeys', (of) => [phone.approve(aoki, of), babas.approve(baba, of)]],
    ['one by a key, one by a passkey', (of) => [byKey('aoki', of), babas.approve(baba, of)]],
    [
      'one by a passkey that may be copied',
      (of) => [babas.approve(baba, of), copied.approve(chiba, of, { flags: 0x1d })],
    ],
  ])('%s are enough', (_who, given) => {
    expect(judged(given)).toBe('approved');
  });

  it('counts of a refill, at a vault', () => {
    const of = refill();
    const cold: Policy = {
      ...coldPolicy,
      passkeys,
      coldRules: (coldPolicy.coldRules ?? []).map((rule) => ({
        ...rule,
        approvals: { quorum: 2, people: approvals.people },
      })),
    };
    const at = (given: readonly Approval[]) => {
      const chain = [{ policy: cold, digest: policyDigest(cold) }] as const;
      const { order: asked, history, read } = orderCase({ intent: of, approvals: [...given], chain });
      return why(writtenBy(asked, chain, history, read));
    };
    expect(at([phone.approve(aoki, of), babas.approve(baba, of)])).toBe('written');
    expect(at([phone.approve(aoki, of), babas.approve(baba, refill({}, 2))])).toBe('approvals-below-quorum');
  });

  it('lifts a denial', () => {
    const night = policyWith(
      { quorum: 1 },
      {
        groups: [{ id: 'ops', people: [baba] }],
        denials: [
          {
            id: 'all',
            when: { reasons: ['withdrawal'] },
            unless: { approvals: [{ group: 'ops', quorum: 1 }] },
          },
        ],
      },
    );
    expect(judged((of) => [phone.approve(aoki, of)], night)).toBe('denied-now');
    expect(judged((of) => [babas.approve(baba, of)], night)).toBe('approved');
  });

  it('counts by another origin of the policy, with what browsers add, and without crossOrigin', () => {
    expect(flaw({ client: { origin: `https://tower.${rpId}:8443` } })).toBeUndefined();
    expect(flaw({ client: { other_keys_can_be_added_here: 'do not compare' } })).toBeUndefined();
    expect(flaw({ client: { crossOrigin: undefined } })).toBeUndefined();
    expect(flaw({ counter: 4_294_967_295 })).toBeUndefined();
  });
});

describe('a spoofed page', () => {
  const other = approvalDigest({ ...intent, destination: { address: 'THIEF', memo: '' } });

  it.each<[string, Bent, string]>([
    ['asks for another digest than is approved', { digest: other }, 'another-challenge'],
    ['asks for the bare digest of the intent', { digest: approvalOf(intent).intent }, 'another-challenge'],
    [
      'pads the challenge',
      { client: { challenge: `${Buffer.from(digest, 'hex').toString('base64url')}=` } },
      'another-challenge',
    ],
    [
      'is of another origin',
      { client: { origin: 'https://console.example.com.thief.example' } },
      'another-origin',
    ],
    ['is of another port', { client: { origin: `${origin}:8443` } }, 'another-origin'],
    ['is without TLS', { client: { origin: `http://${rpId}` } }, 'another-origin'],
    ['ends in a slash', { client: { origin: `${origin}/` } }, 'another-origin'],
    [
      'is of a subdomain that nobody pinned',
      { client: { origin: `https://evil.${rpId}` } },
      'another-origin',
    ],
    ['is a frame in another page', { client: { crossOrigin: true } }, 'cross-origin'],
    [
      'is a frame, and says in which page',
      { client: { topOrigin: 'https://thief.example' } },
      'cross-origin',
    ],
    ['is a frame in our own page', { client: { topOrigin: origin } }, 'cross-origin'],
    ['has a passkey made', { client: { type: 'webauthn.create' } }, 'not-an-assertion'],
    ['asks for a payment of a browser’s', { client: { type: 'payment.get' } }, 'not-an-assertion'],
    ['has a passkey of another domain', { rpId: 'example.com' }, 'another-domain'],
    ['has nobody touch it', { flags: 0x04 }, 'nobody-present'],
    ['has nobody’s finger or PIN', { flags: 0x01 }, 'nobody-verified'],
    ['has a copy that may not be', { flags: 0x0d }, 'backup-flags'],
    ['has one copied', { flags: 0x1d }, 'backup-flags'],
    ['has one copied that cannot be', { flags: 0x15 }, 'backup-flags'],
    ['brings a new key', { flags: 0x45 }, 'attested-data'],
    ['brings extensions', { flags: 0x85 }, 'attested-data'],
  ])('%s', (_what, bent, expected) => {
    expect(flaw(bent)).toBe(expected);
    expect(judged((of) => [phone.approve(aoki, of, bent), babas.approve(baba, of)])).toBe(
      'approvals-below-quorum',
    );
  });

  it('has one that the policy knows as copied, and says that it never was', () => {
    expect(flaw({}, chiba, copied)).toBe('backup-flags');
    expect(flaw({ flags: 0x0d }, chiba, copied)).toBeUndefined();
    expect(flaw({ flags: 0x15 }, chiba, copied)).toBe('backup-flags');
  });

  it.each<[string, (json: string) => string]>([
    ['a challenge twice', (json) => json.replace('"origin"', `"challenge":"x","origin"`)],
    [
      'an origin twice, the right one last',
      (json) => json.replace('"origin"', `"origin":"https://thief.example","origin"`),
    ],
    [
      'an origin twice, the right one first',
      (json) => json.replace(/\}$/, ',"origin":"https://thief.example"}'),
    ],
    ['a member’s name in escapes', (json) => json.replace('"type"', String.raw`"\u0074ype"`)],
    ['white space', (json) => json.replace(',', ', ')],
    ['more behind it', (json) => `${json}{}`],
    ['its end cut off', (json) => json.slice(0, -1)],
    ['a mark of the byte order', (json) => `\ufeff${json}`],
    ['a list', (json) => `[${json}]`],
    ['a number for its origin', (json) => json.replace(/"origin":"[^"]*"/, '"origin":1')],
    ['crossOrigin as a text', (json) => json.replace('false', '"false"')],
    ['crossOrigin as null', (json) => json.replace('false', 'null')],
    ['nothing', () => 'null'],
  ])('has its authenticator sign JSON with %s', (_what, json) => {
    expect(flaw({ json })).toBe('client-data-malformed');
  });

  it('has it sign what is no UTF-8, within a text', () => {
    const more = (json: string) => json.replace('}', ',"more":"\u00ff"}');
    expect(flaw({ json: more })).toBeUndefined();
    expect(flaw({ json: (json) => Buffer.from(more(json), 'latin1') })).toBe('client-data-malformed');
  });
});

describe('somebody else’s', () => {
  it.each<[string, Given]>([
    ['an assertion of another intent, brought again', () => [phone.approve(aoki, intent)]],
    ['another person’s name over it', (of) => [{ ...phone.approve(aoki, of), person: baba }]],
    ['a passkey that stands in no policy', (of) => [strange.approve(aoki, of)]],
    [
      'that, under the name of one that does',
      (of) => {
        const { assertion } = strange.approve(aoki, of) as { assertion: Assertion };
        return [{ person: aoki, assertion: { ...assertion, credential: phone.passkey.id } }];
      },
    ],
    ['a person who stands in no policy', (of) => [strange.approve('thief', of)]],
    ['one whom the rule does not ask', (of) => [{ ...phone.approve(thief.publicKey, of) }]],
    ['a key’s signature under a name', (of) => [{ ...byKey('aoki', of), person: baba }]],
    ['nothing but a name', () => [{ person: aoki }]],
  ])('%s does not count', (_what, given) => {
    const one = policyWith({ quorum: 1 });
    expect(judged(given, one)).toBe('approvals-below-quorum');
    expect(judged((of) => [phone.approve(aoki, of)], one)).toBe('approved');
  });

  it('one who has a passkey, and whom this rule does not ask', () => {
    const one = policyWith({ quorum: 1, people: [aoki] });
    expect(judged((of) => [babas.approve(baba, of)], one)).toBe('approvals-below-quorum');
  });

  it('a passkey counts by no policy that names none', () => {
    const { passkeys: _, ...none } = policyWith({ quorum: 1 });
    expect(judged((of) => [phone.approve(aoki, of)], none)).toBe('approvals-below-quorum');
  });

  it('a passkey that a waiting version adds, or takes away, does not count', () => {
    const one = policyWith({ quorum: 1 });
    const more: Policy = {
      ...one,
      version: 2,
      passkeys: { ...passkeys, people: [{ person: aoki, passkeys: [strange.passkey] }] },
    };
    const request = requestFor({ units: xem('100') });
    const of = intentFor(request);
    const under = (...given: readonly Approval[]) => {
      const part = { ...partOf(request, of), approvals: [...given] };
      const rest = paymentCase([request], { ask: { intents: [part] } });
      return why(
        judgeUnder([
          { ...rest, policy: one },
          { ...rest, policy: more },
        ]),
      );
    };
    expect(under(strange.approve(aoki, of))).toBe('approvals-below-quorum');
    expect(under(phone.approve(aoki, of))).toBe('approvals-below-quorum');
    expect(under(phone.approve(aoki, of), strange.approve(aoki, of))).toBe('approved');
  });
});

describe('one person counts once', () => {
  const flipped = (given: Approval): Approval => {
    const { assertion } = given as { assertion: Assertion };
    return { ...given, assertion: { ...assertion, signature: otherS(assertion.signature) } };
  };

  it('by the other s, which is as good', () => {
    const good = phone.approve(aoki, intent);
    const both = [good, flipped(good)];
    for (const one of both) expect(countApprovals(policy, approvals, intent, [one])).toBe(1);
    expect(countApprovals(policy, approvals, intent, both)).toBe(1);
  });

  it.each<[string, Given]>([
    ['an assertion twice', (of) => [phone.approve(aoki, of), phone.approve(aoki, of)]],
    ['a passkey and a key', (of) => [phone.approve(aoki, of), byKey('aoki', of)]],
    ['two passkeys', (of) => [phone.approve(aoki, of), token.approve(aoki, of)]],
    ['two passkeys and a key', (of) => [phone.approve(aoki, of), token.approve(aoki, of), byKey('aoki', of)]],
  ])('by %s', (_what, given) => {
    expect(countApprovals(policy, approvals, intent, given(intent))).toBe(1);
    expect(judged(given)).toBe('approvals-below-quorum');
  });
});

describe('above the amount that takes a second device', () => {
  const strict = policyWith({ quorum: 1, people: [aoki, chiba], secondDevice: { above: xem('200') } });

  it.each<[string, string, Given]>([
    ['approvals-below-quorum', 'one passkey', (of) => [phone.approve(aoki, of)]],
    ['approvals-below-quorum', 'a key alone', (of) => [byKey('aoki', of)]],
    [
      'approvals-below-quorum',
      'two passkeys, for which one false page asks',
      (of) => [phone.approve(aoki, of), token.approve(aoki, of)],
    ],
    [
      'approvals-below-quorum',
      'one’s passkey and another’s key',
      (of) => [phone.approve(aoki, of), byKey('chiba', of)],
    ],
    [
      'approvals-below-quorum',
      'a passkey, and the key over what the page should have asked for',
      (of) => [phone.approve(aoki, of), byKey('aoki', { ...of, amount: of.amount - 1n })],
    ],
    ['approved', 'a passkey and the key', (of) => [phone.approve(aoki, of), byKey('aoki', of)]],
  ])('%s: %s', (expected, _what, given) => {
    expect(judged(given, strict, '200.000001')).toBe(expected);
  });

  it('up to it one is enough', () => {
    expect(judged((of) => [phone.approve(aoki, of)], strict, '200')).toBe('approved');
  });
});

describe('bits and bytes', () => {
  const good = phone.assert(digest);
  const whole = (given: Assertion) => flawOfAssertion(passkeys, aoki, digest, given);
  const [r, s] = integersOf(good.signature);

  it.each(['credential', 'authenticatorData', 'clientDataJSON', 'signature'] as const)(
    'each flipped bit of the %s is refused',
    (field) => {
      expect(whole(good)).toBeUndefined();
      const bytes = Buffer.from(good[field], 'hex');
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const bent = Buffer.from(bytes);
        bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(whole({ ...good, [field]: bent.toString('hex') }), `bit ${bit}`).toBeDefined();
      }
    },
  );

  it.each<[string, string, string]>([
    [
      'r and s without DER',
      r.toString(16).padStart(64, '0') + s.toString(16).padStart(64, '0'),
      'signature-malformed',
    ],
    ['more behind it', `${good.signature}00`, 'signature-malformed'],
    ['a zero in front of r', padded(r, s), 'signature-malformed'],
    ['its length in two bytes', `3081${good.signature.slice(2)}`, 'signature-malformed'],
    ['one number', `3003020101`, 'signature-malformed'],
    ['three numbers', `3009020101020101020101`, 'signature-malformed'],
    ['a negative number', `3006020181020101`, 'signature-malformed'],
    ['a number of no bytes', '300402000200', 'signature-malformed'],
    ['a number that ends beyond it', '3006020101020201', 'signature-malformed'],
    ['33 digits', derOf(1n << 256n, s), 'signature-malformed'],
    ['zeros', derOf(0n, 0n), 'signature-malformed'],
    ['another r, whose first byte is 80', derOf(0x80n << 248n, s), 'signature'],
    ['an s that is n', derOf(r, order), 'signature'],
    ['an s beyond n', derOf(r, (s + order) % (1n << 256n)), 'signature'],
  ])('a signature with %s is refused', (_what, signature, expected) => {
    expect(whole({ ...good, signature })).toBe(expected);
  });

  it('a key that is no point verifies nothing, and stops nobody', () => {
    const people = [{ person: aoki, passkeys: [{ ...phone.passkey, publicKey: `04${'11'.repeat(64)}` }] }];
    expect(flawOfAssertion({ ...passkeys, people }, aoki, digest, good)).toBe('signature');
    expect(flawOfAssertion(passkeys, 'nobody', digest, good)).toBe('passkey-unknown');
  });

  it('what is oversized, too short or no hex is not even read', () => {
    expect(Assertion.safeParse(good).success).toBe(true);
    for (const bent of [
      { clientDataJSON: '7b'.repeat(1025) },
      { clientDataJSON: '' },
      { clientDataJSON: `${good.clientDataJSON}0` },
      { authenticatorData: `${good.authenticatorData}00` },
      { authenticatorData: good.authenticatorData.slice(2) },
      { authenticatorData: good.authenticatorData.toUpperCase() },
      { signature: '30'.repeat(73) },
      { signature: '30'.repeat(7) },
      { credential: 'ab'.repeat(1024) },
      { credential: 'ab'.repeat(15) },
      { userHandle: '00' },
    ])
      expect(Assertion.safeParse({ ...good, ...bent }).success, Object.keys(bent).join()).toBe(false);
    const key = byKey('aoki', intent);
    expect(Approval.safeParse(key).success).toBe(true);
    expect(Approval.safeParse({ ...key, assertion: good }).success).toBe(false);
    expect(Approval.safeParse({ person: aoki }).success).toBe(false);
    expect(Approval.safeParse({ ...key, person: aoki.slice(1) }).success).toBe(false);
  });
});

/** r with a zero too many. */
function padded(r: bigint, s: bigint): string {
  const der = Buffer.from(derOf(r, s), 'hex');
  const length = der[3] ?? 0;
  const body = Buffer.concat([Buffer.from([0x02, length + 1, 0]), der.subarray(4)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('hex');
}

describe('a policy about passkeys', () => {
  const held = (change: Partial<typeof passkeys>): Policy =>
    policyWith({}, { passkeys: { ...passkeys, ...change } });
  const main = (change: Partial<typeof passkeys>): Policy => ({
    ...held(change),
    network: 'testnet',
    wallets: plain.wallets,
  });
  const flawOf = (of: Policy): string => {
    const found = soundness(of);
    return found ? `${found.field} ${found.why}` : 'sound';
  };

  it('is sound, and one without them has the digest that it had', () => {
    expect(flawOf(policy)).toBe('sound');
    expect(flawOf(main({}))).toBe('sound');
    expect(policyDigest({ ...plain, passkeys: undefined })).toBe(policyDigest(plain));
    expect(Policy.safeParse(JSON.parse(canonicalText(policy))).data).toEqual(policy);
    expect(policyDigest(policy)).not.toBe(policyDigest(policyWith({}, { passkeys: undefined })));
  });

  it('on a devnet may be of localhost, and nowhere else', () => {
    const local = { rpId: 'localhost', origins: ['http://localhost:8080'] };
    expect(flawOf(held(local))).toBe('sound');
    expect(flawOf(main(local))).toMatch(/^passkeys\.rpId/);
    expect(flawOf(main({ origins: ['http://localhost:8080'] }))).toMatch(/^passkeys\.origins\.0 must be/);
    expect(flawOf(main({ rpId: 'localhost.example', origins: ['http://localhost.example'] }))).toMatch(
      /^passkeys\.origins\.0/,
    );
  });

  it.each<[string, Policy, RegExp]>([
    ['an address for a domain', held({ rpId: '192.0.2.1' }), /^passkeys\.rpId/],
    ['a domain in capitals', held({ rpId: 'Console.example.com' }), /^passkeys\.rpId/],
    ['a domain of one word', held({ rpId: 'com' }), /^passkeys\.rpId/],
    ['an origin without TLS', held({ origins: [`http://${rpId}`] }), /^passkeys\.origins\.0/],
    ['an origin with a path', held({ origins: [origin, `${origin}/approve`] }), /^passkeys\.origins\.1/],
    ['an origin with its usual port', held({ origins: [`${origin}:443`] }), /^passkeys\.origins\.0/],
    ['an origin that is none', held({ origins: ['console'] }), /^passkeys\.origins\.0/],
    [
      'an origin elsewhere',
      held({ origins: ['https://example.com'] }),
      /^passkeys\.origins\.0 is not within/,
    ],
    [
      'an origin that only ends alike',
      held({ origins: [`https://evil${rpId}`] }),
      /^passkeys\.origins\.0 is not within/,
    ],
    ['an origin twice', held({ origins: [origin, origin] }), /^passkeys\.origins\.1 .*twice/],
    [
      'a person twice',
      held({ people: [...passkeys.people, { person: baba, passkeys: [strange.passkey] }] }),
      /^passkeys\.people\.3\.person/,
    ],
    [
      'one credential for two people',
      held({
        people: [
          ...passkeys.people,
          { person: 'doi', passkeys: [{ ...strange.passkey, id: babas.passkey.id }] },
        ],
      }),
      /^passkeys\.people\.3\.passkeys\.0\.id is baba’s already/,
    ],
    [
      'one public key for two people',
      held({
        people: [
          ...passkeys.people,
          { person: 'doi', passkeys: [{ ...strange.passkey, publicKey: babas.passkey.publicKey }] },
        ],
      }),
      /^passkeys\.people\.3\.passkeys\.0\.publicKey is baba’s already/,
    ],
    [
      'a key that is no point',
      held({
        people: [{ person: baba, passkeys: [{ ...babas.passkey, publicKey: `04${'11'.repeat(64)}` }] }],
      }),
      /^passkeys\.people\.0\.passkeys\.0\.publicKey/,
    ],
    [
      'an operator who approves by a passkey',
      held({ people: [...passkeys.people, { person: operator.publicKey, passkeys: [strange.passkey] }] }),
      /twice/,
    ],
    [
      'a name without a passkey',
      policyWith({ people: [aoki, baba, 'doi'] }),
      /^rules\.0\.approvals\.people doi/,
    ],
    [
      'a name without a passkey in a group',
      policyWith({}, { groups: [{ id: 'ops', people: ['doi'] }] }),
      /^groups\.0\.people doi/,
    ],
    ['names, and no passkeys', policyWith({}, { passkeys: undefined }), /^rules\.0\.approvals\.people baba/],
    [
      'a name without a passkey for a cold wallet',
      {
        ...coldPolicy,
        coldRules: (coldPolicy.coldRules ?? []).map((one) => ({
          ...one,
          approvals: { quorum: 2, people: [aoki, 'doi'] },
        })),
      },
      /^coldRules\.0\.approvals\.people doi/,
    ],
    [
      'a second device of one who has a passkey alone',
      policyWith({ secondDevice: { above: 1n } }),
      /^rules\.0\.approvals\.secondDevice .*baba/,
    ],
    [
      'a second device of one who has a key alone',
      policyWith({ people: [aoki, keyNamed('doi').publicKey], secondDevice: { above: 1n } }),
      /^rules\.0\.approvals\.secondDevice/,
    ],
    ['more people than there are', policyWith({ quorum: 4 }), /^rules\.0\.approvals\.quorum/],
    ['more approvals than are carried', crowd(17), /^rules\.0\.approvals\.people/],
  ])('that has %s is refused', (_what, of, expected) => {
    expect(flawOf(of)).toMatch(expected);
  });

  it('that asks sixteen people for both is sound', () => {
    expect(flawOf(crowd(16))).toBe('sound');
  });
});

/** So many people, each with a key and a passkey, all of whom must approve. */
function crowd(size: number): Policy {
  const people = Array.from({ length: size }, (_, index) => ({
    person: keyNamed(`crowd ${index}`).publicKey,
    passkeys: [authenticatorNamed(`crowd ${index}`).passkey],
  }));
  return policyWith(
    { quorum: size, people: people.map(({ person }) => person), secondDevice: { above: 1n } },
    { passkeys: { ...passkeys, people } },
  );
}
