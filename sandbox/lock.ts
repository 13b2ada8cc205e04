/** The lock of a sandbox's folder: one sandbox a folder, and nothing emptied that is no sandbox's or still of use. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Takes the folder, emptied where it begins anew or was never finished. Returns how to let go of it. Throws one clear line. */
export function lockFolder(folder: string, fresh: boolean): () => void {
  const there = existsSync(folder);
  if (there && !statSync(folder).isDirectory())
    throw new Error(`${folder}: is no folder: give another with --data`);
  const held = there ? readdirSync(folder).filter((name) => name !== 'lock') : [];
  if (held.length > 0 && !held.includes('people') && !held.includes('deed.json'))
    throw new Error(`${folder}: is no sandbox's folder: give another with --data, or remove it yourself`);
  // A signer's journal is begun after the deed is written: with one but without the other, something was lost.
  if (!fresh && !held.includes('deed.json') && existsSync(join(folder, 'signer-1', 'journal.jsonl')))
    throw new Error(`${join(folder, 'deed.json')}: is gone: restore it, or begin anew with --fresh`);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const release = takeLock(folder, 'stop it first, or give another with --data');
  // Without its deed a house was never finished, and holds nothing that anybody relies on.
  if (fresh || !held.includes('deed.json'))
    for (const name of held) rmSync(join(folder, name), { recursive: true, force: true });
  return release;
}

/** Takes the folder as it is. Returns how to let go of it. */
export function takeLock(folder: string, whatToDo: string): () => void {
  const file = join(folder, 'lock');
  take(file, folder, whatToDo);
  return () => rmSync(file, { force: true });
}

function take(file: string, folder: string, whatToDo: string): void {
  // Made and not opened: of two at once, one fails here.
  const write = () => {
    const descriptor = openSync(file, 'wx', 0o600);
    try {
      writeSync(descriptor, String(process.pid));
    } finally {
      closeSync(descriptor);
    }
  };
  try {
    return write();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  const pid = Number(readFileSync(file, 'utf8'));
  if (isSandbox(pid))
    throw new Error(`${folder}: another sandbox (process ${pid}) is running from this folder: ${whatToDo}`);
  rmSync(file, { force: true });
  write();
}

/** Whether the process is one of ours and alive. After a crash its number may be somebody else's, in a container even our own. */
function isSandbox(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const command = `/proc/${pid}/cmdline`;
  return !existsSync(command) || readFileSync(command, 'utf8').includes('main.ts');
}
