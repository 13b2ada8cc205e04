/** `kuramori refill`: from what the treasury asks for to coins in a hot wallet, signed by vaults; one command a step, each can be given again. */
import { AssetName, coinOf, parseAmount, type Asset } from '@kuramori/core';
import { refuse, text, wholeNumber, type Command } from './command.ts';
import { openHouse } from './house.ts';
import { announce, told } from './refill/announce.ts';
import { approve, draftAsked, draftOf } from './refill/draft.ts';
import { order } from './refill/order.ts';

export const refillCommand: Command = {
  usage: `kuramori refill draft FILE --asked FILE [--house FILE]
                                              writes down what custody asks for, one of GET /v1/refills; or what you name:
      --from COLD --to WALLET --asset A --amount N [--number N] [--fee-cap N] [--hours N]
                                              to a hot wallet a refill, to a cold one a move; a number of its own each: the
                                              time, unless you name one from a million on (those below are custody's)
kuramori refill approve FILE --key FILE [--house FILE]
                                              one of those who approve, by the policy's coldRules: shown, typed, then signed
kuramori refill order FILE [--vaults A,B] [--version N] [--journal] [--house FILE]
                                              plans the transaction, or takes the one that is planned; the watchtowers judge it, and
                                              countersign what each vault is to record: FILE.for-VAULT. --journal: for a restored vault
kuramori refill announce FILE --answer FILE --answer FILE [--house FILE]
                                              the vaults' answers: to the watchtowers, to the chain, and waits for the block
kuramori refill told ANSWER … [--house FILE]  what vaults recorded goes to the watchtowers, where nothing is announced by it
  Coins leave a cold wallet in no other way (docs/refill.md).`,
  options: {
    asked: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    asset: { type: 'string' },
    amount: { type: 'string' },
    number: { type: 'string' },
    'fee-cap': { type: 'string' },
    hours: { type: 'string' },
    key: { type: 'string' },
    confirm: { type: 'string' },
    vaults: { type: 'string' },
    version: { type: 'string' },
    journal: { type: 'boolean' },
    answer: { type: 'string', multiple: true },
    house: { type: 'string' },
  },
  run: async (options, [name = '', file, ...more]) => {
    const wrong = (what: string) => refuse(`refill: ${what}\n\n${refillCommand.usage}`);
    const given = (option: string) => text(options[option]);
    const house = () => openHouse(given('house'));
    if (name === 'told' && file !== undefined) return told(house(), [file, ...more]);
    if (file === undefined || more.length > 0) return wrong(`'${name}' takes one file`);
    switch (name) {
      case 'draft': {
        const asked = given('asked');
        if (asked !== null) return draftAsked(house(), file, asked);
        const [from, to, asset] = [given('from'), given('to'), given('asset')];
        const [amount, number] = [
          given('amount'),
          wholeNumber('number', options['number'], Math.floor(Date.now() / 1000), 1e6, 1e12),
        ];
        if (asset !== null && !AssetName.safeParse(asset).success)
          return wrong(`--asset: '${asset}' is no asset: as nem:xem or ethereum:eth`);
        const hours = wholeNumber('hours', options['hours'], 72, 1, 24 * 30);
        if (from === null || to === null || asset === null || amount === null)
          return wrong('draft: --asked, or --from, --to, --asset and --amount are needed');
        if (typeof number === 'string') return wrong(number);
        if (typeof hours === 'string') return wrong(hours);
        const units = unitsOf('amount', amount, asset);
        const cap = given('fee-cap');
        const feeCap = cap === null ? null : unitsOf('fee-cap', cap, coinOf(asset as Asset));
        if (typeof units === 'string') return wrong(units);
        if (typeof feeCap === 'string') return wrong(feeCap);
        return draftOf(house(), file, {
          from,
          to,
          asset: asset as Asset,
          amount: units,
          number,
          feeCap,
          hours,
        });
      }
      case 'approve': {
        const key = given('key');
        return key === null
          ? wrong('approve: --key names the approver’s')
          : approve(house(), file, key, given('confirm'));
      }
      case 'order': {
        const version =
          options['version'] === undefined ? null : wholeNumber('version', options['version'], 1, 1, 1e9);
        if (typeof version === 'string') return wrong(version);
        const vaults = (given('vaults') ?? '').split(',').filter((one) => one !== '');
        return order(house(), file, { vaults, version, journal: options['journal'] === true });
      }
      case 'announce':
        return announce(house(), file, [options['answer'] ?? []].flat().map(String));
      default:
        return wrong(`'${name}' is no call of it`);
    }
  },
};

function unitsOf(option: string, amount: string, asset: string): bigint | string {
  try {
    return parseAmount(amount, asset as Asset);
  } catch (cause) {
    return `--${option}: ${(cause as Error).message}`;
  }
}
