/** A chain of one's own for a test: anvil on loopback at a port that it chooses, gone with the test. */
import { spawn } from 'node:child_process';
import { createTestClient, http, publicActions, walletActions, type Address, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { anvilBinary } from '../../../sandbox/ethereum/node.ts';
import type { Contract } from './compile.ts';

function clientOf(url: string) {
  return createTestClient({ mode: 'anvil', chain: foundry, transport: http(url), pollingInterval: 5 })
    .extend(publicActions)
    .extend(walletActions);
}

export interface Anvil extends AsyncDisposable {
  readonly url: string;
  readonly client: ReturnType<typeof clientOf>;
  /** An account that the node itself signs for, with coins. */
  readonly payer: Address;
  /** A contract's address, once it is there. */
  readonly deploy: (contract: Contract, args?: readonly unknown[]) => Promise<Address>;
  /** Whether a call succeeded, or the reason in its own words; as a transaction of `payer`, mined. */
  readonly send: (to: Address, data: Hex, value?: bigint) => Promise<Sent>;
  /** A transaction of the account of a key, mined with the next block; gives its hash. */
  readonly sendBy: (secret: Uint8Array, to: string, data: Hex) => Promise<Hex>;
}

export interface Sent {
  readonly ok: boolean;
  /** What the call reverted with: text, or the bytes of an error of a contract. */
  readonly why: string;
  readonly gas: bigint;
}

/** `more`: settings beside the usual ones. */
export async function startAnvil(more: readonly string[] = []): Promise<Anvil> {
  const usual = ['--port', '0', '--host', '127.0.0.1', '--accounts', '2'];
  const node = spawn(anvilBinary(), [...usual, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    node.on('exit', (code) => reject(new Error(`anvil ended with ${code}: ${said}`)));
    node.on('error', reject);
    node.stdout.on('data', (part: Buffer) => {
      said += part.toString();
      const at = /Listening on (127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (at !== undefined) resolve(`http://${at}`);
    });
  });
  node.removeAllListeners('exit');
  const client = clientOf(url);
  const [payer] = await client.getAddresses();
  if (!payer) throw new Error('anvil has no account');
  const send = async (to: Address, data: Hex, value = 0n): Promise<Sent> => {
    const why = await client.call({ account: payer, to, data, value, gas: 5_000_000n }).then(
      () => '',
      (error: unknown) => reason(error),
    );
    const hash = await client.sendTransaction({ account: payer, to, data, value, gas: 5_000_000n });
    const { status, gasUsed } = await client.waitForTransactionReceipt({ hash });
    return { ok: status === 'success', why, gas: gasUsed };
  };
  return {
    url,
    client,
    payer,
    send,
    sendBy: (secret, to, data) =>
      client.sendTransaction({
        account: privateKeyToAccount(`0x${secret.toHex()}`),
        to: to as Address,
        data,
        gas: 200_000n,
      }),
    async deploy({ abi, creation }, args = []) {
      const hash = await client.deployContract({
        abi,
        bytecode: `0x${creation}`,
        args: [...args],
        account: payer,
      });
      const { contractAddress } = await client.waitForTransactionReceipt({ hash });
      if (!contractAddress) throw new Error('nothing was created');
      return contractAddress;
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => node.once('exit', resolve));
      node.kill('SIGKILL');
      await ended;
    },
  };
}

/** What a node says of a reverted call, and the bytes of the revert, in one line. */
function reason(error: unknown): string {
  const said: string[] = [];
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    const { data, details } = one as { data?: unknown; details?: unknown };
    said.push(one.message);
    if (typeof details === 'string') said.push(details);
    if (typeof data === 'string') said.push(data);
  }
  return said.join(' | ');
}
