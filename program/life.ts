import { Misconfigured } from './config.ts';
import { countSignatures } from './count.ts';
import { dieAt } from './die-at.ts';
import { flush, log } from './log.ts';
import { visible, visibleLine } from './visible.ts';

/** What a started process gives back: what it says when it is ready, and how it ends. */
export interface Started {
  readonly ready: object;
  readonly stop: () => Promise<void> | void;
}

/**
 * Runs a process to its end: prints one line of JSON when it is ready, stops on SIGTERM, SIGINT and, where it is
 * someone's child, when the parent is gone (its end of standard input closes). Exits 0 only after a clean stop.
 */
export async function run(
  name: string,
  start: () => Promise<Started>,
  options: { withParent: boolean },
): Promise<void> {
  // Everything a process writes is its own: sockets, journals and keys open to nobody else.
  process.umask(0o077);
  // A log that the disk does not take must not end what it is about: without a listener its error would be thrown.
  process.stderr.on('error', () => {});
  let stopping = false;
  // What is wrong with a configuration is thrown before there is a promise.
  const started = await Promise.try(() => {
    for (const argument of process.argv) {
      if (argument.startsWith('--die-at=')) dieAt(argument);
      if (argument === '--count') countSignatures();
    }
    return start();
  }).catch((cause: unknown) => die(name, cause));
  const stop = async (why: string, code: number) => {
    if (stopping) return;
    stopping = true;
    log('stopping', { why });
    try {
      await started.stop();
      process.exit(code);
    } catch (cause) {
      die(name, cause);
    }
  };
  process.on('SIGTERM', () => void stop('SIGTERM', 0));
  process.on('SIGINT', () => void stop('SIGINT', 0));
  // A broken invariant stops the process: what is half known must not sign, pay or testify.
  process.on('uncaughtException', (cause) => die(name, cause));
  process.on('unhandledRejection', (cause) => die(name, cause));
  if (options.withParent) {
    process.stdin.on('error', () => void stop('the parent is gone', 0));
    process.stdin.on('end', () => void stop('the parent is gone', 0));
    process.stdin.resume();
  }
  process.stdout.write(`${JSON.stringify({ ready: true, ...started.ready })}\n`);
}

function die(name: string, cause: unknown): never {
  flush();
  const error = cause instanceof Error ? cause : new Error(String(cause));
  if (error instanceof Misconfigured) process.stderr.write(`${name}: ${visibleLine(error.message)}\n`);
  else process.stderr.write(`${name}: stopped by a fault: ${visible(error.stack ?? error.message)}\n`);
  process.exit(1);
}
