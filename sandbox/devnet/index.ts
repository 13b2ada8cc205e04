// The NEM devnet: a NIS1-compatible node on loopback, as strict as a real one.
import { openClock } from '@kuramori/program';
import { parseConfig, type NodeConfigInput } from './config.ts';
import { runNode, type RunningNode } from './http/server.ts';

export type { NodeConfigInput } from './config.ts';
export { DataError } from './chain/store.ts';
export type { RunningNode } from './http/server.ts';

/** Settings that cannot be used; the message names each field. */
class ConfigError extends Error {}

export interface StartOptions {
  /** Milliseconds of Unix time, instead of the clock file or the system's clock. */
  readonly clockMs?: () => number;
  readonly warn?: (message: string) => void;
  /** The disk does not take a block: the node answers nothing any more, and is to be ended. */
  readonly broken?: (cause: unknown) => void;
}

/** Starts a node in this process. Throws ConfigError, DataError, PortError. */
export async function startNode(input: NodeConfigInput, options: StartOptions = {}): Promise<RunningNode> {
  const parsed = parseConfig(input);
  if (parsed.kind === 'refused') throw new ConfigError(parsed.why);
  const { config } = parsed;
  const clockMs = options.clockMs ?? clockOf(config.clockFile);
  return runNode(config, { ...options, clockMs });
}

function clockOf(file: string | undefined): () => number {
  return openClock(file === undefined ? { kind: 'system' } : { kind: 'driven', file }, 'devnet').now;
}
