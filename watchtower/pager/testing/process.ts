/** The pager's real process, for tests that kill it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PagerProcess {
  /** Its port for HTTP. */
  readonly http: number;
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<number | null>;
  /** Settles when it is gone, by itself or not. */
  readonly exited: Promise<number | null>;
}

export async function startPagerProcess(config: string, ...flags: readonly string[]): Promise<PagerProcess> {
  const entry = join(fileURLToPath(new URL('..', import.meta.url)), 'main.ts');
  const child = spawn(process.execPath, [entry, config, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { NODE_NO_WARNINGS: '1' },
  });
  let [out, err] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const exited = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  const http = await new Promise<number>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.includes('\n')) resolve((JSON.parse(out) as { http: number }).http);
    });
    void exited.then(() => reject(new Error(`the pager ended: ${err}`)));
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  return { http, exited, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') };
}
