/** Runs a real program to its end, as an operator with a wrong file would. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  /** What it wrote on standard error, line by line. */
  readonly lines: readonly string[];
}

export function runProgram(entry: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, entry), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { NODE_NO_WARNINGS: '1' },
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      // It should have refused, and serves instead: that is an answer too.
      if (out.includes('"ready"') && entry.endsWith('main.ts')) child.kill();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('close', (code) => resolve({ code, out, lines: err.trimEnd().split('\n') }));
  });
}
