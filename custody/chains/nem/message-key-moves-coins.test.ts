/** The key that reads customers' messages is the hot account's own. Custody must never hold it while it moves coins. */
import {
  decryptMessage,
  encryptMessage,
  formatPrivateKey,
  type CipherForm,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import { nemNode } from '@kuramori/chains/nem/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMessageKey } from './message-key.ts';
import { openPanel } from '../../chain/panel.ts';
import { round } from '../../chain/scan.ts';
import { hostileNode } from '../../testing/hostile-node.ts';
import { person, type Person, withNodes } from '../../testing/house.ts';
import { openNeighbourhood, transfer, type Neighbourhood } from '../../testing/neighbourhood.ts';

let n: Neighbourhood;
let message: string;
beforeAll(async () => {
  n = await openNeighbourhood();
  message = String((await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } })).body['message']);
});
afterAll(() => n[Symbol.asyncDispose]());

const hex = (text: string) => Buffer.from(text).toString('hex');
const newKey = () => openMessageKey(formatPrivateKey(n.people.hot.privateKey), n.t.house.hot, 'testnet');
const withKey = (urls: readonly string[] = n.nodes.map(({ url }) => url)) =>
  withNodes(
    n.t.house,
    urls.map((url) => nemNode(url, 'testnet')),
    newKey(),
  );

let random = 0;
function encrypted(text: string, form: CipherForm, to: Person = n.people.hot): Transfer['message'] {
  random += 1;
  const bytes = new Uint8Array(form === 'gcm' ? 12 : 48).fill(random);
  const payload = encryptMessage(n.people.customer.privateKey, to.publicKey, hex(text), form, bytes);
  return { kind: 'encrypted', payload };
}
const pay = (units: bigint, said: Transfer['message']) =>
  n.announce(
    transfer(n, n.people.customer, n.people.hot.address, units, { message: said }),
    n.people.customer,
  );
const find = async (transaction: string) => {
  const deposits = await Array.fromAsync(n.t.client.pages('listDeposits', {}));
  return deposits.find((one) => one.transaction === transaction);
};
const credited = { state: 'credited', customer: 'alice' };
const held = { state: 'held', customer: null, why: 'encrypted-message' };

describe('once the account is a multisig, the key reads', () => {
  it('both forms, and what people put around a number; anything else is held, with one reason', async () => {
    const good = [
      await pay(1_000_000n, encrypted(message, 'gcm')),
      await pay(1_000_001n, encrypted(message, 'legacy')),
      await pay(1_000_002n, encrypted(` ${message.slice(0, 5)}-${message.slice(5)}\n`, 'gcm')),
    ];
    const legacy = encrypted(message, 'legacy');
    if (legacy.kind !== 'encrypted') throw new Error('it is encrypted');
    const bad = [
      await pay(1_000_003n, encrypted('nobody', 'gcm')),
      await pay(1_000_004n, encrypted(message, 'gcm', person())),
      await pay(1_000_005n, { kind: 'encrypted', payload: legacy.payload.slice(0, -2) }),
      await pay(1_000_006n, { kind: 'encrypted', payload: `${legacy.payload.slice(0, -2)}00` }),
      await pay(1_000_007n, { kind: 'encrypted', payload: 'ab' }),
    ];
    await n.harvest(2);
    expect(await round(withKey())).toMatchObject({ stopped: null });
    for (const hash of good) expect(await find(hash)).toMatchObject(credited);
    for (const hash of bad) expect(await find(hash)).toMatchObject(held);
    // The books keep what was sent, not what it says.
    expect((await find(good[0] ?? ''))?.message).toBeNull();
  });

  it('and without one they are held', async () => {
    const hash = await pay(1_000_000n, encrypted(message, 'gcm'));
    await n.harvest(2);
    expect(await n.scan()).toMatchObject({ stopped: null });
    expect(await find(hash)).toMatchObject(held);
  });

  it('the chain refuses its signature', async () => {
    const spend = transfer(n, n.people.hot, n.people.treasury.address, 1_000_000n);
    await expect(n.announce(spend, n.people.hot)).rejects.toThrow(/refused: 74/);
  });
});

describe('while it moves coins, or nobody knows', () => {
  it('a node says that the account is no multisig: not used, and the gravest notice', async () => {
    await using hostile = await hostileNode(n.nodes[1].url);
    hostile.behaviour = (path, answer) =>
      path.startsWith('/account/get')
        ? { ...answer, meta: { ...(answer['meta'] as object), cosignatories: [] } }
        : answer;
    const house = withKey([n.nodes[0].url, hostile.url]);
    const hash = await pay(1_000_000n, encrypted(message, 'gcm'));
    await n.harvest(2);
    expect(await round(house)).toMatchObject({ stopped: null });
    expect(await find(hash)).toMatchObject(held);
    const { notices } = (await n.t.ask({ path: '/v1/status' })).body as { notices: object[] };
    expect(notices).toContainEqual(
      expect.objectContaining({
        key: 'message-key',
        severity: 'grave',
        what: expect.stringMatching(/moves its coins.*delete the file/),
      }),
    );
  });

  it('nodes that do not say: nothing is booked until they do', async () => {
    await using hostile = await hostileNode(n.nodes[1].url);
    hostile.behaviour = (path, answer) => (path.startsWith('/account/get') ? '<html>' : answer);
    const house = withKey([n.nodes[0].url, hostile.url]);
    const hash = await pay(1_000_000n, encrypted(message, 'gcm'));
    await n.harvest(2);
    expect((await round(house)).stopped).toMatch(/whether hot-xem is a multisig is not known/);
    expect(await find(hash)).toBeUndefined();
    hostile.behaviour = null;
    expect(await round(house)).toMatchObject({ stopped: null });
    expect(await find(hash)).toMatchObject(credited);
  });

  it('is looked at again each minute, and not at each block', async () => {
    await using hostile = await hostileNode(n.nodes[1].url);
    let asked = 0;
    hostile.behaviour = (path, answer) => {
      if (path.startsWith('/account/get')) asked += 1;
      return answer;
    };
    const panel = openPanel([n.nodes[0].url, hostile.url].map((url) => nemNode(url, 'testnet')));
    const key = newKey();
    const now = 1_000_000;
    for (const at of [now, now + 1, now + 59_999])
      expect(await key.usable(panel, at)).toEqual({ kind: 'usable' });
    expect(asked).toBe(1);
    expect(await key.usable(panel, now + 60_001)).toEqual({ kind: 'usable' });
    expect(asked).toBe(2);
    // A clock that was set back must not make old word good for ever.
    expect(await key.usable(panel, now - 1_000_000)).toEqual({ kind: 'usable' });
    expect(asked).toBe(3);
  });
});

describe('the file', () => {
  it('must hold the hot account’s own key', () => {
    expect(() => openMessageKey(formatPrivateKey(person().privateKey), n.t.house.hot, 'testnet')).toThrow(
      /messageKeyFile: is not the key of hot-xem/,
    );
    expect(() => openMessageKey('no key', n.t.house.hot, 'testnet')).toThrow(/holds no NEM private key/);
  });
  it('a customer reads the same message with their own key', () => {
    const said = encrypted(message, 'legacy');
    if (said.kind !== 'encrypted') throw new Error('it is encrypted');
    expect(decryptMessage(n.people.customer.privateKey, n.people.hot.publicKey, said.payload)).toMatchObject({
      payload: hex(message),
    });
  });
});
