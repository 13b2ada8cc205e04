/** Whoever gets at the memory of a co-signer for Bitcoin after it was locked finds none of the keys that its own are derived from. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  bitcoin,
  descriptorKeyOf,
  writeDescriptor,
  addressAt,
  planPayments,
  placeAt,
  descriptorOf,
  idOf,
  writeTransaction,
} from '@kuramori/chains/bitcoin/codec';
import { hardened, masterOf, privateChildOf } from '../chains/secp256k1/index.ts';
import { searchMemory } from './testing/memory.ts';
import { must } from './testing/bitcoin.ts';

const here = dirname(fileURLToPath(import.meta.url));
const mayRead = process.getuid?.() === 0 && existsSync('/proc/self/mem');

/** Reads its secret and a plan, signs it, wipes, forgets; and lives on to be searched. */
const program = `
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { bitcoin } from '@kuramori/chains/bitcoin/codec';
import { forget } from '@kuramori/program/forget';
const [secretFile, planFile] = process.argv.slice(2);
const secret = new Uint8Array(new ArrayBuffer(64));
const fd = openSync(secretFile, 'r');
readSync(fd, secret, 0, 64, 0);
closeSync(fd);
const { plan, share } = JSON.parse(readFileSync(planFile, 'utf8'));
const key = bitcoin.keyOf(secret, 'litecoin', 'devnet');
secret.fill(0);
process.stdout.write('unlocked\\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
for (let n = 0; n < 3; n += 1) { const s = key.sign(plan, share); if (!key.isDerived(plan, share, s)) throw new Error('no'); }
process.stdout.write('signed\\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
key.wipe();
forget();
process.stdout.write('locked\\n');
setInterval(() => {}, 1000);
`;

describe.skipIf(!mayRead)('the memory of a Bitcoin signer', () => {
  it('holds nothing of master, account, branch and child keys once it is locked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kuramori-memory-'));
    const secret = randomBytes(64);
    const others = [randomBytes(32), randomBytes(32)];
    const descriptor = writeDescriptor(
      2,
      [secret, ...others].map((one) => descriptorKeyOf(one, 'litecoin', 'devnet')),
    );
    const publicKeys = [secret, ...others].map((one) => bitcoin.keyOf(one, 'litecoin', 'devnet').publicKey);
    const wallet = {
      id: 'hot',
      role: 'hot',
      chain: 'litecoin',
      descriptor,
      threshold: 2,
      address: addressAt({ chain: 'litecoin', descriptor }, 'devnet', 0, 0),
      cosigners: publicKeys.map((publicKey) => ({ publicKey, signer: null })),
      evacuateTo: null,
    } as const;
    const script = placeAt(descriptorOf(wallet), 0, 5).script;
    const before = {
      version: 2,
      lockTime: 0,
      outputs: [{ units: 500_000_000n, script }],
      inputs: [{ txid: '11'.repeat(32), vout: 0, sequence: 0, scriptSig: new Uint8Array(), witness: [] }],
    };
    writeTransaction(before);
    const coin = { txid: idOf(before), vout: 0, units: 500_000_000n, branch: 0, index: 5 } as const;
    const plan = must(
      planPayments({
        wallet,
        network: 'devnet',
        coins: [coin],
        feeRate: 20_000n,
        usualRate: 10_000n,
        change: 1,
        lockTime: 0,
        seed: 'x',
        payments: [{ address: wallet.address, units: 400_000_000n }],
      }),
    );
    const share = plan.shares.find(({ key }) => key === publicKeys[0])?.share ?? '';
    writeFileSync(join(folder, 'secret'), secret);
    writeFileSync(join(folder, 'plan.json'), JSON.stringify({ plan: plan.plan, share }));
    const file = join(here, `memory-of-${process.pid}.mjs`);
    writeFileSync(file, program);
    const needles = new Map<string, Uint8Array>();
    const add = (what: string, bytes: Uint8Array) =>
      needles.set(what, bytes.slice(0, 16)).set(`${what}, its end`, bytes.slice(16));
    add('the secret', secret);
    // m/48'/1'/0'/2'/0/5, and each before it.
    let node = masterOf(secret);
    add('the master key', node.key);
    for (const [depth, step] of [48 + hardened, 1 + hardened, hardened, 2 + hardened, 0, 5].entries()) {
      node = privateChildOf(node, step);
      add(`the key at depth ${depth + 1}`, node.key);
    }
    const child = spawn(process.execPath, [file, join(folder, 'secret'), join(folder, 'plan.json')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const line = () =>
      new Promise<string>((resolve) =>
        child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())),
      );
    const found = () => [...new Set(searchMemory(child.pid ?? 0, needles).found.map(({ what }) => what))];
    try {
      expect(await line()).toBe('unlocked');
      const signed = line();
      child.stdin.write('go');
      expect(await signed).toBe('signed');
      const unlocked = found();
      const locked = line();
      child.stdin.write('go');
      expect(await locked).toBe('locked');
      expect(unlocked).toContain('the secret');
      expect(found()).toEqual([]);
    } finally {
      child.kill();
      rmSync(file);
      rmSync(folder, { recursive: true });
    }
  }, 60_000);
});
