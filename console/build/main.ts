/**
 * Builds the console's pages into console/built, unless what is there was made from the same files. Prints one line of JSON.
 * The desk serves what it finds there; nothing of this runs beside it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const room = dirname(dirname(fileURLToPath(import.meta.url)));
const [pages, built] = [join(room, 'pages'), join(room, 'built')];
const stamp = join(built, 'made-from');
/** Script that the first page loads, compressed. More is waited for on a phone at night. Bytes. */
const most = 200_000;

const from = digest();
const made = existsSync(stamp) && readFileSync(stamp, 'utf8') === from;
if (!made) await make();
const script = scriptSize();
if (script > most) {
  rmSync(stamp, { force: true });
  process.stderr.write(
    `console: the script is ${script} bytes compressed, and may be ${most}: take something out\n`,
  );
  process.exit(1);
}
process.stdout.write(`${JSON.stringify({ ready: true, built, made: !made, script })}\n`);

async function make(): Promise<void> {
  const { build } = await import('vite');
  await build({
    root: pages,
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    build: {
      outDir: built,
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      // A picture within a style would need a policy that lets one in.
      assetsInlineLimit: 0,
      target: 'es2023',
    },
  });
  writeFileSync(stamp, from);
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
