/**
 * Builds the console's pages into console/built/<what they are made from>, unless they are there. Prints one line of JSON with the
 * folder, which the desk is told to serve. Whoever builds at the same moment makes the same; the first one's stays.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const room = dirname(dirname(fileURLToPath(import.meta.url)));
const pages = join(room, 'pages');
/** Script that the first page loads, compressed. More is waited for on a phone at night. Bytes. */
const most = 200_000;

const built = join(room, 'built', digest());
const there = existsSync(built);
if (!there) await make();
const script = scriptSize();
if (script > most) {
  rmSync(built, { recursive: true });
  process.stderr.write(
    `console: the script is ${script} bytes compressed, and may be ${most}: take something out\n`,
  );
  process.exit(1);
}
process.stdout.write(`${JSON.stringify({ built, made: !there, script })}\n`);

async function make(): Promise<void> {
  const { build } = await import('vite');
  const making = `${built}.${process.pid}`;
  await build({
    root: pages,
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    build: {
      outDir: making,
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      // A picture within a style would need a policy that lets one in.
      assetsInlineLimit: 0,
      target: 'es2023',
    },
  });
  try {
    renameSync(making, built);
  } catch (cause) {
    rmSync(making, { recursive: true });
    if (!existsSync(built)) throw cause;
  }
}

/** Of everything that it is made from: these files, and the versions of what they use. */
function digest(): string {
  const hash = createHash('sha256').update(readFileSync(join(room, 'package.json')));
  for (const entry of readdirSync(pages, { withFileTypes: true, recursive: true }).sort((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) hash.update(`\0${file.slice(pages.length)}\0`).update(readFileSync(file));
  }
  return hash.update(readFileSync(fileURLToPath(import.meta.url))).digest('hex');
}

function scriptSize(): number {
  return readdirSync(join(built, 'assets'))
    .filter((name) => name.endsWith('.js'))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(built, 'assets', name))).length, 0);
}
