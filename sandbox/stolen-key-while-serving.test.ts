/** A key is stolen from a house that is serving customers: everything stops, somebody is told, and the coins go home. */
import { createHmac } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signerRoutes, watchtowerRoutes, XEM } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { nemTimeOf, type PublicKey } from '@kuramori/chains/nem/codec';
import { balance, bringOwnFunds, clientOf, deposit, withdraw, type Day } from './day.ts';
import { send, stealKey } from './drill/thief.ts';
import { must, until } from './house/chain.ts';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { whereOf } from './house/rooms.ts';

interface Told {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

const xem = 1_000_000n;
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const told: Told[] = [];
const pager = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    told.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.end('{}');
  });
});
let folder: string;
let house: House;
let day: Day;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-stolen-'));
  chmodSync(folder, 0o711);
  await new Promise<void>((resolve) => pager.listen(0, '127.0.0.1', resolve));
  const address = pager.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const secretFile = join(folder, 'webhook-secret');
  writeFileSync(secretFile, secret, { mode: 0o600 });
  const webhooks = [{ url: `http://127.0.0.1:${port}/`, secretFile }];
  house = await openHouse(
    { ...servingHouse(join(folder, 'house')), webhooks, ephemeral: true },
    { step: () => {} },
  );
  day = { house, now: Date.now, pass: () => Promise.resolve() };
}, 120_000);

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  pager.close();
  rmSync(folder, { recursive: true, force: true });
});

const hotBalance = async () => must(await house.nodes[0].account(house.deed.hot.address)).balance;

describe('a key stolen while the house serves', () => {
  it('had an honest morning without an alarm', async () => {
    await bringOwnFunds(day, 500_000n * xem);
    await deposit(day, 'alice', 1_000n * xem);
    const { withdrawal } = await withdraw(day, 'alice', 100n * xem, 2n * xem);
    expect(withdrawal.state).toBe('final');
    expect(told.filter(({ body }) => !body.includes('key files are not watched'))).toEqual([]);
  }, 60_000);

  it('is seen while unconfirmed: all signers freeze, the pager is told by a signed webhook, the coins go home', async () => {
    const stolen = stealKey(house, 'signer-1');
    // Before he has used it: the signer has noticed that its keystore and its passphrase were read.
    // On a disk that is mounted noatime the signer cannot tell, and that is what is told.
    await until('that to be told', () =>
      Promise.resolve(
        told.some(({ body }) => /a key file was read|key files are not watched/.test(body))
          ? true
          : undefined,
      ),
    );
    const timeStamp = nemTimeOf(Date.now());
    const times = { network: 'testnet', timeStamp, deadline: timeStamp + 600 } as const;
    const attempt = await send(house.nodes[1], stolen, {
      ...times,
      kind: 'multisig',
      version: 1,
      signer: stolen.publicKey,
      fee: 150_000n,
      inner: {
        ...times,
        kind: 'transfer',
        version: 1,
        signer: house.deed.hot.publicKey as PublicKey,
        fee: 500_000n,
        recipient: house.people.customer.address,
        amount: 1_000n * xem,
        message: { kind: 'none' },
        mosaics: [],
      },
    });
    expect(attempt.code).toBe(1);
    for (const { id } of house.deed.signers) {
      await until(`${id} to be frozen`, async () => {
        const status = await call(whereOf(house.plan, id), signerRoutes.status, {});
        return status.kind === 'status' && status.frozen !== null ? true : undefined;
      });
    }
    await until(
      'the evacuation to confirm',
      async () => ((await hotBalance()) < 2_000n * xem ? true : undefined),
      60_000,
    );
    const first = await until('the webhook', () =>
      Promise.resolve(told.find(({ body }) => body.includes('alarm: frozen'))),
    );
    expect(JSON.parse(first.body)).toMatchObject({
      event: 'alarm: frozen',
      signer: stolen.publicKey,
      wallet: 'hot-xem',
    });
    // Standard Webhooks: HMAC-SHA256 over id.timestamp.body.
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = first.headers;
    const mac = createHmac('sha256', Buffer.alloc(24, 7))
      .update(`${String(id)}.${String(at)}.${first.body}`)
      .digest('base64');
    expect(signature).toBe(`v1,${mac}`);
  }, 90_000);

  it('has put no key and no passphrase into an environment, an argument, a configuration or a log', () => {
    const { privateKey } = stealKey(house, 'signer-1');
    const passphrase = readFileSync(join(house.plan.folder, 'signer-1', 'passphrase'), 'utf8').trim();
    const secrets = [privateKey.toHex(), privateKey.toReversed().toHex(), passphrase];
    const looked: string[] = [];
    for (const { name, pid, logFile } of house.running.values()) {
      const files = [
        `/proc/${pid}/environ`,
        `/proc/${pid}/cmdline`,
        logFile,
        join(logFile, '..', 'config.json'),
      ];
      for (const file of files) {
        const text = readFileSync(file, 'utf8');
        for (const one of secrets) expect(text.includes(one), `${name}: ${file}`).toBe(false);
        if (text.length > 0) looked.push(file);
      }
    }
    // It has looked, and would have found: the passphrase's own file holds it.
    expect(looked.length).toBeGreaterThan(house.running.size * 2);
    expect(readFileSync(join(house.plan.folder, 'signer-1', 'passphrase'), 'utf8')).toContain(passphrase);
  });

  it('leaves an incident that tells what happened, in order', () => {
    const lines = readFileSync(join(house.plan.folder, 'watchtower', 'incident.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events[0]).toMatch(/^a key file was read$|key files are not watched$/);
    expect(events.indexOf('alarm: frozen')).toBe(1);
    expect(events.filter((event) => event === 'signer frozen')).toHaveLength(2);
    expect(events.indexOf('evacuation sent')).toBeGreaterThan(events.indexOf('signer frozen'));
  });

  it("pays nobody from then on, and keeps the customer's money where it was", async () => {
    const body = {
      customer: 'alice',
      asset: XEM,
      amount: String(10n * xem),
      destination: { address: house.people.customer.address, memo: '' },
      feeCap: String(2n * xem),
    };
    const client = clientOf(day);
    const before = await balance(day, 'alice');
    const asked = await client.call('requestWithdrawal', { body, idempotencyKey: 'late' });
    expect(asked).toMatchObject({ kind: 'problem', problem: { code: 'withdrawals-stopped' } });
    expect(await balance(day, 'alice')).toBe(before);
  }, 30_000);

  it('stays frozen when everybody restarts', async () => {
    await house.restart('watchtower');
    for (const name of ['signer-1', 'signer-2'] as const) await house.restart(name);
    const tower = await call(whereOf(house.plan, 'watchtower'), watchtowerRoutes.status, {});
    expect(tower).toMatchObject({ kind: 'status', frozen: { freeze: { by: house.deed.watchtowerKeys[0] } } });
    for (const { id } of house.deed.signers) {
      const status = await call(whereOf(house.plan, id), signerRoutes.status, {});
      expect(status).toMatchObject({
        kind: 'status',
        frozen: { freeze: { by: house.deed.watchtowerKeys[0] } },
      });
    }
  }, 60_000);
});
