/** The console's desk, as a house starts it: pages built where they are not, a database login of its own, and no way to anybody else. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNew } from '@kuramori/program';
import { freePort } from '../postgres/server.ts';
import { root, startProcess, type Running, type User } from '../process.ts';
import type { HousePlan } from './plan.ts';

export interface DeskPlace {
  readonly folder: string;
  readonly port: number;
  readonly databaseUrlFile: string;
  readonly user?: User | undefined;
  readonly tree?: string;
}

/** At the same address at each start: what people have in their bookmarks. */
export async function deskPlace(plan: HousePlan, databaseUrlFile: string): Promise<DeskPlace> {
  const folder = join(plan.folder, 'desk');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'port');
  if (!existsSync(file)) writeNew(file, `${await freePort()}\n`);
  const port = Number(readFileSync(file, 'utf8'));
  return { folder, port, databaseUrlFile, user: plan.users?.('desk'), tree: plan.treeOf('desk') };
}

/** Builds the pages, unless they are made from what is there now: some seconds. Gives their folder; throws with what the build says. */
export async function buildPages(tree: string = root): Promise<string> {
  const child = spawn(process.execPath, [join(tree, 'console', 'build', 'main.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { NODE_NO_WARNINGS: '1', NODE_ENV: 'production' },
  });
  let [out, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`the console's pages cannot be built: ${said.trim() || `code ${code}`}`);
  return (JSON.parse(out) as { built: string }).built;
}

export async function startDesk({
  folder,
  port,
  databaseUrlFile,
  user,
  tree = root,
}: DeskPlace): Promise<Running> {
  const pages = await buildPages(tree);
  return startProcess({
    user,
    name: 'desk',
    entry: 'console/desk/main.ts',
    tree,
    folder,
    config: {
      listen: { host: '127.0.0.1', port },
      // A name, since passkeys are bound to one; browsers hold it for safe without TLS (W3C Secure Contexts §3.1).
      origin: `http://localhost:${port}`,
      databaseUrlFile,
      pages,
    },
    powers: {
      rooms: ['core', 'program', 'ledger', 'console'],
      net: true,
      read: [databaseUrlFile],
    },
  });
}
