/** `kuramori freeze`: one person stops the house, with custody and database dead, and whoever else is. */
import {
  AssetName,
  signerRoutes,
  signStatement,
  watchtowerRoutes,
  type Asset,
  type Refusal,
  type SignedFreeze,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { listing, print, refuse, say, text, type Command } from './command.ts';
import { openHouse, openKey, said, tellEverybody, type NoAnswer } from './house.ts';

export const freezeCommand: Command = {
  usage: `kuramori freeze --key FILE --why TEXT [--asset ASSET]… [--house FILE] [--json]
  Stops all payments at once, or with --asset (nem:xem) those of these assets: tells every watchtower and signer, and
  whoever hears it passes it on. Only the keepers can start the house again (kuramori thaw). --key is an operator's
  (kuramori key create), pinned by the policy; --house says where everybody listens (the sandbox's house.json, where it
  is left out).`,
  options: {
    key: { type: 'string' },
    why: { type: 'string' },
    asset: { type: 'string', multiple: true },
    house: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (options, rest) => {
    const [keyFile, why] = [text(options['key']), text(options['why'])];
    if (keyFile === null || why === null || why.trim() === '' || rest.length > 0)
      return refuse(`freeze: --key and --why are needed\n\n${freezeCommand.usage}`);
    const assets: Asset[] = [];
    for (const name of (options['asset'] ?? []) as readonly string[]) {
      const read = AssetName.safeParse(name);
      if (!read.success)
        return refuse(
          `freeze: --asset ${name} ${read.error.issues[0]?.message}; without --asset everything stops`,
        );
      assets.push(read.data);
    }
    const house = openHouse(text(options['house']));
    const key = openKey(keyFile);
    const freeze = {
      by: key.publicKey,
      at: Date.now(),
      why: why.slice(0, 500).toWellFormed(),
      ...(assets.length > 0 ? { assets } : {}),
    };
    const signed: SignedFreeze = { freeze, signature: signStatement(key, 'freeze', freeze) };
    const told = await tellEverybody<{ kind: 'done' } | Refusal | NoAnswer>(house, {
      watchtower: (at) => call(at, watchtowerRoutes.freeze, signed),
      signer: (at) => call(at, signerRoutes.freeze, signed),
    });
    // A signer that is not open yet holds by it all the same, and says so.
    const holds = ({ answer }: (typeof told)[number]) =>
      answer.kind === 'done' || (answer.kind === 'refused' && answer.why === 'closed');
    const frozen = told.filter(holds);
    const tower = frozen.some(({ role }) => role === 'watchtower');
    const stopped = frozen.filter(({ role }) => role === 'signer').length === house.signers.length;
    if (options['json'] === true)
      print(
        JSON.stringify({
          frozen: tower || stopped,
          told: told.map((one) => ({
            who: one.who,
            role: one.role,
            holds: holds(one),
            said: said(one.answer),
          })),
        }),
      );
    else print(listing(told.map((one) => [one.who, holds(one) ? 'has frozen' : said(one.answer)] as const)));
    if (tower || stopped) return 0;
    say(
      frozen.length > 0
        ? 'kuramori: no watchtower took it, and not every signer: tell the others again, or stop their machines'
        : 'kuramori: nobody took it: see what each of them said, or stop the signers’ machines',
    );
    return 1;
  },
};
