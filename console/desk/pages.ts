/** The built pages, read once at the start: whatever is asked for is looked up by its name, and no path leads elsewhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { Misconfigured, reasonOf } from '@kuramori/program';

export interface Page {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** Whether its name changes with its content. */
  readonly immutable: boolean;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Path → page. Throws a Misconfigured where nothing is built. */
export function readPages(folder: string): ReadonlyMap<string, Page> {
  const pages = new Map<string, Page>();
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      const type = types[extname(entry.name)];
      if (!entry.isFile() || type === undefined) continue;
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(folder, file).split(sep).join('/')}`;
      pages.set(path, {
        bytes: new Uint8Array(readFileSync(file)),
        type,
        immutable: path.startsWith('/assets/'),
      });
    }
  } catch (cause) {
    throw new Misconfigured(`pages: ${folder}: ${reasonOf(cause)}`, { cause });
  }
  if (!pages.has('/index.html'))
    throw new Misconfigured(`pages: ${folder} has no index.html: build them with npm run build`);
  return pages;
}
