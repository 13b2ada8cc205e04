/** `kuramori signer`: ceremonies. A signer's keys from their making to their destruction, each step before witnesses, each written down. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ChainName, Network } from '@kuramori/core';
import { listing, print, refuse, text, type Command } from './command.ts';
import { showLayout } from './signer/layout.ts';
import { recoverCall, rehearseCall, shareCall } from './signer/paper.ts';
import { runCeremony, type Asked, type Ended, type Reach } from './signer/run.ts';
import { showTranscript } from './signer/transcript.ts';

const usage = `kuramori signer create FOLDER --present NAME --present NAME [--chain CHAIN --network NETWORK] [--hsm SOCKET --wrapping-key LABEL]
                       [--dice FILE|-] [--language english|japanese]
                       [--key-in-wallet '[FINGERPRINT/PATH]XPUB' | --key-in-hsm LABEL --hsm SOCKET]
                                          new keys, sealed; a passphrase; the transcript begins. CHAIN: nem (where none is
                                          named), bitcoin, litecoin or ethereum; NETWORK: mainnet, testnet or devnet.
                                          --dice: what people threw (1 to 6; coins: H and T) beside the
                                          machine's own chance; -: it is typed. --language: of the 24 words.
                                          --key-in-wallet (bitcoin, litecoin: by PSBT), --key-in-hsm (ethereum): the chain key
                                          stays with its holder; made is the key of this vault's journal alone
kuramori signer pin FOLDER POLICY …       shows whom the keepers' policy names; believed once its digest is typed
kuramori signer back-up FOLDER NEW …      keystore, pins and transcript into a new folder; never the passphrase
kuramori signer restore BACKUP FOLDER --passphrase FILE …
                                          on a clean machine, into a new folder
kuramori signer share FOLDER [--groups N] --shares 2of3 … --to FOLDER … [--share-passphrase FILE] [--although-together]
                       [--paper a4|letter] [--safe FOLDER] …
                                          what the chain key comes from, in words on many papers (SLIP-0039):
                                          --shares once a group, --groups: so many of them are enough; --to once: the
                                          media are asked for one after another; once a share: each on its own
                                          medium. --although-together: a folder each, for a rehearsal. --paper: a page to print
                                          beside each (PDF and HTML); --safe: where the list of envelopes goes
kuramori signer words FOLDER TO [--although-together] …
                                          24 words of BIP-39 into the folder TO, for another wallet: one paper that is the key
kuramori signer recover FOLDER SHARE … | --words FILE [--share-passphrase FILE] [--chain CHAIN --network NETWORK] …
                                          the chain key from shares (words as text, or a scan of the page: PNG, PGM,
                                          PPM), or 24 words of BIP-39, on a clean machine; with a
                                          new record key, which the keepers must name in the policy
kuramori signer rehearse FOLDER [SHARE …] --holder NAME … [--from FOLDER] [--share-passphrase FILE] [--policy FILE] …
kuramori signer rehearse FOLDER --words FILE | --backup FOLDER --passphrase FILE --holder NAME … …
                                          whether what people keep brings the keys of FOLDER back: in memory alone, compared,
                                          tried, wiped, and written down. Without SHARE each holder types
                                          their words, unseen; --from: their media are put in there one after another. --holder: who
                                          brings each, in order, beside somebody who brings none. A FOLDER without
                                          keys, with --chain and --network: against the paper of the making
kuramori signer retire FOLDER [--policy FILE] [--although-named] …
                                          destroys the keys, once no version that counts names them
kuramori signer layout FILE [--json]
                                          which losses and thefts of people, places, devices and papers a wallet
                                          survives; exits 1 where one alone breaks it. docs/safekeeping.json is one
kuramori signer transcript FOLDER|FILE [--last DIGEST] [--key RECORD-KEY] [--json]
                                          verifies and prints what was done; --last: what was noted on paper
  --layout FILE --as NAME (create, share): the wallet's layout, and this key's name in it: shown first, and refused where
  one loss or one thief breaks it.
  …: --present NAME for each person there, two at least; --hsm SOCKET where the keystore is wrapped; --json;
  --confirm DIGEST (pin), KEY (retire) or 'NETWORK KEY' (recover, rehearse) for scripts, instead of somebody who types it. A co-signer's folder or a
  vault's: it is stopped first, and the command is given as its own user. docs/ceremonies.md is the runbook.`;

type Options = Parameters<Command['run']>[0];

export const signerCommand: Command = {
  usage,
  options: {
    present: { type: 'string', multiple: true },
    chain: { type: 'string' },
    network: { type: 'string' },
    hsm: { type: 'string' },
    'wrapping-key': { type: 'string' },
    'key-in-hsm': { type: 'string' },
    'key-in-wallet': { type: 'string' },
    confirm: { type: 'string' },
    passphrase: { type: 'string' },
    policy: { type: 'string' },
    'although-named': { type: 'boolean' },
    'although-together': { type: 'boolean' },
    dice: { type: 'string' },
    language: { type: 'string' },
    groups: { type: 'string' },
    shares: { type: 'string', multiple: true },
    to: { type: 'string', multiple: true },
    'share-passphrase': { type: 'string' },
    layout: { type: 'string' },
    as: { type: 'string' },
    paper: { type: 'string' },
    safe: { type: 'string' },
    words: { type: 'string' },
    from: { type: 'string' },
    backup: { type: 'string' },
    holder: { type: 'string', multiple: true },
    last: { type: 'string' },
    key: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (options, [name = '', ...paths]) => {
    const wrong = (what: string) => refuse(`signer: ${what}\n\n${usage}`);
    const takes = {
      create: 1,
      pin: 2,
      'back-up': 2,
      restore: 2,
      share: 1,
      words: 2,
      recover: 1,
      rehearse: 1,
      retire: 1,
      layout: 1,
      transcript: 1,
    }[name];
    // A recovery has the files of its shares beside the folder, and so has a rehearsal.
    if (
      takes === undefined ||
      (name === 'recover' || name === 'rehearse' ? paths.length < takes : paths.length !== takes)
    )
      return wrong(
        takes === undefined
          ? `'${name}' is no call of it`
          : `${name}: takes ${takes} path${takes === 1 ? '' : 's'}`,
      );
    const [first = '', second = '', ...more] = paths.map((path) => resolve(path));
    const json = options['json'] === true;
    if (name === 'layout') return showLayout(first, json);
    if (name === 'transcript')
      return showTranscript(first, { last: text(options['last']), key: text(options['key']) }, json);
    if ((options['layout'] === undefined) !== (options['as'] === undefined))
      return wrong(`${name}: --layout and --as go together`);
    const call = callOf(name, first, second === '' ? [] : [second, ...more], options);
    if (typeof call === 'string') return wrong(`${name}: ${call}`);
    const ended = await runCeremony(...call);
    if (ended === null) return 1;
    print(json ? JSON.stringify(ended) : endedText(ended));
    return 0;
  },
};

/** What the program is asked, and what it may touch for it; or what is missing. */
function callOf(
  step: string,
  first: string,
  rest: readonly string[],
  options: Options,
): readonly [Asked, Reach] | string {
  const [second = ''] = rest;
  const [socket, label] = [text(options['hsm']), text(options['wrapping-key'])];
  const [keyInHsm, keyInWallet] = [text(options['key-in-hsm']), text(options['key-in-wallet'])];
  if (keyInHsm !== null || keyInWallet !== null) {
    if (step !== 'create') return '--key-in-hsm and --key-in-wallet are for create';
    if (label !== null)
      return '--wrapping-key: wraps a chain key, and of one that is elsewhere there is none';
    if (keyInWallet !== null && socket !== null)
      return '--hsm: is for --key-in-hsm, and nothing of --key-in-wallet asks one';
    if (keyInHsm !== null && socket === null) return '--key-in-hsm: --hsm names the socket of its process';
  } else if ((step === 'create' || step === 'recover') && (socket === null) !== (label === null))
    return '--hsm and --wrapping-key go together';
  const present = options['present'] ?? [];
  const common = {
    step,
    present,
    hsm: socket === null ? undefined : { socket: resolve(socket), ...(label === null ? {} : { key: label }) },
    confirm: text(options['confirm']) ?? undefined,
  };
  const [plan, as] = [text(options['layout']), text(options['as'])];
  const layout = plan === null || as === null ? null : { file: resolve(plan), as };
  const althoughTogether = options['although-together'] === true;
  const policy = text(options['policy']);
  const file = policy === null ? undefined : resolve(policy);
  const reach = (read: readonly string[], write: readonly string[] = [], makes: readonly string[] = []) => ({
    read,
    write,
    makes,
  });
  switch (step) {
    case 'create': {
      const on = chainOf(options);
      if (typeof on === 'string') return on;
      const dice = text(options['dice']);
      const thrown = dice === null || dice === '-' ? dice : resolve(dice);
      const asked = {
        ...common,
        ...(on ? { on } : {}),
        ...(thrown === null ? {} : { thrown }),
        ...(layout ? { layout } : {}),
        ...(keyInHsm === null ? {} : { keyInHsm }),
        ...(keyInWallet === null ? {} : { keyInWallet }),
        language: text(options['language']) ?? undefined,
        folder: first,
      };
      const read = [...(thrown === null || thrown === '-' ? [] : [thrown]), ...(layout ? [layout.file] : [])];
      return [asked, reach(read, [], [first])];
    }
    case 'words':
      return [
        { ...common, folder: mustBeFolder(first), to: mustBeFolder(second), althoughTogether },
        reach([second, mounts], [second]),
      ];
    case 'share': {
      const call = shareCall(
        text(options['groups']),
        listIn(options['shares']),
        listIn(options['to']).map(mustBeFolder),
        text(options['share-passphrase']),
        { paper: text(options['paper']), safe: text(options['safe']) },
      );
      if (typeof call === 'string') return call;
      return [
        {
          ...common,
          ...call.asked,
          ...(layout ? { layout } : {}),
          folder: mustBeFolder(first),
          althoughTogether,
        },
        reach([...call.read, mounts, ...(layout ? [layout.file] : [])], call.write),
      ];
    }
    case 'recover': {
      const on = chainOf(options);
      if (typeof on === 'string') return on;
      const call = recoverCall(rest, text(options['words']), text(options['share-passphrase']));
      if (typeof call === 'string') return call;
      const language = text(options['language']) ?? undefined;
      const asked = { ...common, ...call.asked, ...(on ? { on } : {}), language, folder: first };
      return [asked, reach(call.read, [], [first])];
    }
    case 'rehearse': {
      const on = chainOf(options);
      if (typeof on === 'string') return on;
      const call = rehearseCall(rest, {
        holders: listIn(options['holder']),
        from: text(options['from']),
        words: text(options['words']),
        backup: text(options['backup']),
        passphrase: text(options['passphrase']),
        sharePassphrase: text(options['share-passphrase']),
        policy: text(options['policy']),
      });
      const language = text(options['language']) ?? undefined;
      const asked = { ...common, ...call.asked, ...(on ? { on } : {}), language, althoughTogether };
      return [{ ...asked, folder: mustBeFolder(first) }, reach([...call.read, mounts])];
    }
    case 'pin':
      return [{ ...common, folder: mustBeFolder(first), policy: second }, reach([second])];
    case 'back-up':
      return [{ ...common, folder: mustBeFolder(first), to: second }, reach([second], [second], [second])];
    case 'restore': {
      const passphrase = text(options['passphrase']);
      if (passphrase === null) return '--passphrase names the file that holds it';
      const secret = resolve(passphrase);
      return [
        { ...common, folder: second, from: mustBeFolder(first), passphrase: secret },
        reach([first, secret], [], [second]),
      ];
    }
    default:
      return [
        {
          ...common,
          folder: mustBeFolder(first),
          policy: file,
          althoughNamed: options['although-named'] === true,
        },
        reach(file === undefined ? [] : [file]),
      ];
  }
}

/** Which file system each path is on, so that the program tells media from folders. */
const mounts = '/proc/self/mountinfo';

const listIn = (given: Options[string]): readonly string[] => (Array.isArray(given) ? given : []);

/** Undefined where none is named: NEM, whose keys are the same on every network. A text says what is wrong. */
function chainOf(
  options: Options,
): { readonly chain: ChainName; readonly network: Network } | undefined | string {
  const [chain, network] = [text(options['chain']), text(options['network'])];
  if (chain === null && network === null) return undefined;
  if (chain === null || network === null) return '--chain and --network go together';
  const read = { chain: ChainName.safeParse(chain), network: Network.safeParse(network) };
  if (!read.chain.success) return `--chain: ${chain} is none of ${ChainName.options.join(', ')}`;
  if (!read.network.success) return `--network: ${network} is none of ${Network.options.join(', ')}`;
  return { chain: read.chain.data, network: read.network.data };
}

function mustBeFolder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Error(`${path}: is no folder: give the path of a signer’s folder or of a backup`);
  return path;
}

function endedText({ step, what, remember, last, program, recordKey }: Ended): string {
  return [
    listing([
      // Where no keys are in the folder none signs.
      ...(recordKey === '' ? [] : [['signer', recordKey] as [string, string]]),
      ...what.map(({ name, value }): [string, string] => [name, value]),
      ['program', `${program.code}, Node ${program.node}`],
    ]),
    '',
    ...remember.map((line) => `* ${line}`),
    '',
    `${step}: done. Note on paper, with the date and who was present: ${last === '' ? 'all of this, since no key signs it' : `the transcript ends in\n${last}`}`,
  ].join('\n');
}
