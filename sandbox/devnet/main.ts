/**
 * One devnet node as a process: settings in a file come in, HTTP on loopback goes out, blocks go to the data
 * folder. Prints {"ready":true,"url":...} when it listens; errors are one line and exit code 1.
 */
import { readFileSync } from 'node:fs';
import { countSignatures } from '@kuramori/program';
import { startNode, type NodeConfigInput } from './index.ts';

// A log that the disk does not take must not end the node: without a listener its error would be thrown.
process.stderr.on('error', () => {});

const [, , file] = process.argv;
if (file === undefined) fail('usage: node sandbox/devnet/main.ts <settings.json>');

if (process.argv.includes('--count')) countSignatures();
const settings = readSettings(file);
const node = await startNode(settings as NodeConfigInput, {
  warn: (message) => process.stderr.write(`${message}\n`),
  broken: (cause) => fail(reason(cause)),
}).catch((cause: unknown) => fail(reason(cause)));
const { url, websocketUrl } = node;
process.stdout.write(
  `${JSON.stringify({ ready: true, url, ...(websocketUrl === null ? {} : { websocketUrl }) })}\n`,
);

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  void node[Symbol.asyncDispose]().then(() => process.exit(0));
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
if (node.core.config.exitWithParent) {
  process.stdin.resume();
  process.stdin.once('close', stop);
  process.stdin.once('end', stop);
}

function readSettings(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    return fail(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function fail(message: string): never {
  process.stderr.write(`devnet: ${message.replaceAll('\n', ' ')}\n`);
  process.exit(1);
}
