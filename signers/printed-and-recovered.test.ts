/**
 * Pages of shares, by the real commands: each says one share and nothing of another, the list of envelopes no word at all; and a
 * scan of two pages brings the key back on a machine that has nothing else.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Command } from './ceremony/command.ts';
import { hold } from './ceremony/hold.ts';
import { htmlOf, printed, shareSheet } from './paper/index.ts';
import { readShare } from './slip39/share.ts';
import { drawnPage, hasPoppler, pgmOf } from './testing/scans.ts';

const base = mkdtempSync(join(tmpdir(), 'kuramori-pages-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const at = (...names: readonly string[]) => join(base, ...names);
const media = ['a', 'b', 'c'].map((name) => at(name));
for (const folder of [...media, at('safe')]) mkdirSync(folder);

function kuramori(...args: readonly string[]) {
  const people = ['--present', 'Aoi', '--present', 'Ren', '--json'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, '../cli/launch.mjs'), 'signer', ...args, ...people],
    { encoding: 'utf8', input: '' },
  );
  const ended = JSON.parse(stdout || '{}') as {
    readonly chainKey: string;
    readonly what: readonly { readonly name: string; readonly value: string }[];
  };
  return { code: status, err: stderr, ended };
}

/** In this process, which is quicker: why it is refused. */
const whyNot = (asked: object): Promise<string> =>
  Promise.try(() => hold(Command.parse({ present: ['Aoi', 'Ren'], ...asked }), () => {})).then(
    () => 'done',
    (cause: unknown) => (cause as Error).message,
  );

const on = ['--chain', 'bitcoin', '--network', 'mainnet'] as const;
const { chainKey } = kuramori('create', at('signer'), ...on).ended;
const layout = ['--shares', '2of3', ...media.flatMap((folder) => ['--to', folder])];
const shared = kuramori(
  'share',
  at('signer'),
  ...layout,
  '--although-together',
  '--paper',
  'letter',
  '--safe',
  at('safe'),
);
const file = (medium: number, kind: string) =>
  join(media[medium] ?? '', readdirSync(media[medium] ?? '').find((name) => name.endsWith(kind)) ?? '');
const words = media.map((_, medium) => readFileSync(file(medium, '.txt'), 'utf8').trim().split(' '));
/** All that says which share it is; the first two words and the third are the set's and the group's. */
const own = words.map((all) => all.slice(3));

describe('what is written', () => {
  it('beside each share its page, as PDF and HTML, for its owner alone; and the list elsewhere', () => {
    expect(shared).toMatchObject({ code: 0 });
    for (const [medium, folder] of media.entries()) {
      const [html = '', pdf = '', txt = ''] = readdirSync(folder).sort();
      expect(readdirSync(folder)).toHaveLength(3);
      expect([html, pdf].map((name) => name.replace(/\.\w+$/, '.txt'))).toEqual([txt, txt]);
      expect(txt).toMatch(new RegExp(`^share-\\d+-group-1-${medium + 1}\\.txt$`));
      for (const name of [html, pdf]) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    }
    const id = /share-(\d+)-/.exec(basename(file(0, '.txt')))?.[1];
    expect(readdirSync(at('safe')).sort()).toEqual([`envelopes-${id}.html`, `envelopes-${id}.pdf`]);
  });

  it('each page has all words of its share, and none that only another has', () => {
    for (const [medium, mine] of words.entries()) {
      const page = readFileSync(file(medium, '.html'), 'utf8');
      const [, list = ''] = /<ol class="words">(.*?)<\/ol>/s.exec(page) ?? [];
      expect([...list.matchAll(/<li>([a-z]+)<\/li>/g)].map(([, word]) => word)).toEqual(mine);
      const rest = page.replace(list, '');
      for (const other of own.filter((_, index) => index !== medium))
        expect(other.filter((word) => rest.includes(`>${word}<`))).toEqual([]);
    }
  });

  it('a page is made of its own share and of what is public, and of nothing else: from these alone come the same bytes', () => {
    for (const [medium] of media.entries()) {
      const text = readFileSync(file(medium, '.txt')).subarray(0, -1);
      const share = readShare(text);
      if ('why' in share) throw new Error('a share was meant');
      const sheet = shareSheet(share, text, {
        chain: 'bitcoin',
        network: 'mainnet',
        chainKey,
        language: 'english',
        passphrase: false,
      });
      expect(Buffer.compare(printed(sheet, 'letter'), readFileSync(file(medium, '.pdf')))).toBe(0);
      expect(Buffer.compare(htmlOf(sheet, 'letter'), readFileSync(file(medium, '.html')))).toBe(0);
    }
  });

  it('the list of envelopes has their numbers and the key’s mark, and no word of any share', () => {
    const [html = ''] = readdirSync(at('safe')).sort();
    const page = readFileSync(at('safe', html), 'utf8');
    for (const member of [1, 2, 3]) expect(page).toMatch(new RegExp(`<td>\\d{5}-1-${member}</td>`));
    for (const word of own.flat()) expect(page).not.toContain(`>${word}<`);
    expect(page).not.toContain(chainKey);
    expect(page).not.toContain('<ol');
    expect(page).toContain('2 of 3 / 3枚中2枚');
  });

  it('no page has as much of the chain key as a recovery asks for', () => {
    for (const [medium] of media.entries())
      for (const part of [chainKey.slice(0, 20), chainKey.slice(-20)])
        expect(readFileSync(file(medium, '.html'), 'utf8')).not.toContain(part);
  });

  it('the transcript knows of them before the first is written', () => {
    const entries = readFileSync(at('signer/ceremony.jsonl'), 'utf8').trim().split('\n').slice(1);
    for (const entry of entries)
      expect(entry).toMatch(
        /"pages","value":"PDF and HTML of each share, beside it \(letter\)".*envelopes-\d+\.pdf/,
      );
    expect(entries).toHaveLength(2);
  });

  it('never the list beside a share, nor in the signer’s own folder, nor on paper that nobody has', async () => {
    const more = ['d', 'e', 'f'].map((name) => at(name));
    for (const folder of more) mkdirSync(folder, { recursive: true });
    const groups = [{ threshold: 2, count: 3 }];
    const asked = { step: 'share', groupThreshold: 1, groups, to: more, althoughTogether: true };
    const refused = [
      [{ safe: more[1] }, /e: is on the medium of a share/],
      [{ safe: base }, /is on the medium of a share/],
      [{ safe: at('signer') }, /signer’s own folder/],
      [{ safe: media[0] }, /two papers never lie together/],
      [{ paper: 'a5' }, /Invalid option/],
    ] as const;
    for (const [pages, why] of refused) {
      expect(await whyNot({ ...asked, ...pages, folder: at('signer') })).toMatch(why);
      expect(more.flatMap((folder) => readdirSync(folder))).toEqual([]);
    }
    // The list alone: for who copies by hand.
    mkdirSync(at('list-alone'));
    expect(await whyNot({ ...asked, safe: at('list-alone'), folder: at('signer') })).toBe('done');
    expect(readdirSync(at('list-alone'))).toHaveLength(2);
    for (const folder of more) expect(readdirSync(folder)).toEqual([expect.stringMatching(/\.txt$/)]);
  });

  it('what a recovery needs besides stands on every page: the language, and whether there is a passphrase', async () => {
    const sharePassphrase = at('share-passphrase');
    writeFileSync(sharePassphrase, 'kura', { mode: 0o600 });
    const to = ['g', 'h', 'i'].map((name) => at(name));
    for (const folder of to) mkdirSync(folder);
    const groups = [{ threshold: 2, count: 3 }];
    const asked = { step: 'share', groupThreshold: 1, groups, to, althoughTogether: true, paper: 'a4' };
    expect(await whyNot({ ...asked, sharePassphrase, folder: at('signer') })).toBe('done');
    const [html = ''] = readdirSync(to[0] ?? '').sort();
    const page = readFileSync(join(to[0] ?? '', html), 'utf8');
    expect(page).toContain('>English / 英語<');
    expect(page).toContain('>yes / 有<');
    expect(page).not.toContain('kura<');
    for (const [medium] of media.entries())
      expect(readFileSync(file(medium, '.html'), 'utf8')).toContain('>none / 無<');
  });
});

describe.skipIf(!hasPoppler())('from scans (poppler-utils)', () => {
  const scan = (medium: number, kind: 'png' | 'gray' | 'mono') => {
    const to = at(`scan-${medium}-${kind}`);
    const options = { png: ['-png', '-gray'], gray: ['-gray'], mono: ['-png', '-mono'] }[kind];
    writeFileSync(to, drawnPage(readFileSync(file(medium, '.pdf')), 200, options), { mode: 0o600 });
    return to;
  };
  const recover = (...shares: readonly string[]) =>
    kuramori('recover', at('clean'), ...shares, ...on, '--confirm', `mainnet ${chainKey}`);

  it.each([
    ['two PNG, grey and black and white', () => [scan(0, 'png'), scan(2, 'mono')]],
    ['a PGM, and what somebody typed', () => [scan(1, 'gray'), file(0, '.txt')]],
  ] as const)('%s: the same chain key', (_, shares) => {
    expect(recover(...shares())).toMatchObject({ code: 0, ended: { chainKey } });
    rmSync(at('clean'), { recursive: true });
  });

  it('one page twice, one page alone, and no page: refused in both languages, and nothing written', async () => {
    mkdirSync(at('empty'));
    const white = at('white');
    writeFileSync(white, pgmOf({ width: 600, height: 600, grey: new Uint8Array(360_000).fill(255) }), {
      mode: 0o600,
    });
    const torn = at('torn');
    writeFileSync(torn, readFileSync(scan(0, 'png')).subarray(0, 9_000), { mode: 0o600 });
    const list = at('list');
    const pdf = readdirSync(at('safe')).find((name) => name.endsWith('.pdf')) ?? '';
    writeFileSync(list, drawnPage(readFileSync(at('safe', pdf)), 150), { mode: 0o600 });
    for (const [shares, why] of [
      [[scan(0, 'png'), scan(0, 'gray')], /one share counts once.*一度しか/],
      [[scan(0, 'png')], /it takes 2.*2枚必要/],
      [[scan(0, 'png'), white], /white: no code is seen.*コードが見つかりません/],
      [[scan(0, 'png'), list], /list: no code is seen/],
      [[torn, scan(1, 'png')], /torn: this picture cannot be read.*この画像は読み取れません/],
    ] as const) {
      const asked = { step: 'recover', folder: at('empty'), on: { chain: 'bitcoin', network: 'mainnet' } };
      expect(await whyNot({ ...asked, shares, confirm: `mainnet ${chainKey}` })).toMatch(why);
      expect(readdirSync(at('empty'))).toEqual([]);
    }
  });
});
