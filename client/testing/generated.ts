/** What is made from custody's routes, and where its copies lie. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openapi } from '../../custody/api/openapi.ts';
import { typescriptOf, type Document } from './typescript.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export function generated(): readonly { readonly file: string; readonly text: string }[] {
  const document = openapi();
  return [
    { file: `${root}custody/openapi.json`, text: `${JSON.stringify(document, null, 2)}\n` },
    { file: `${root}client/operations.ts`, text: formatted(typescriptOf(document as unknown as Document)) },
  ];
}

/** As `npm run format` would write it, so that generating and formatting agree. */
function formatted(text: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`${root}node_modules/.bin/oxfmt`, '--stdin-filepath', 'client/operations.ts'],
    { cwd: root, input: text, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`oxfmt: ${stderr}`);
  return stdout;
}
