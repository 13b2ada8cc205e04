/** What of a policy's passkeys would count for nobody, for two people, or by a page that is not the house's own. */
import { mostApprovals } from './approval.ts';
import { PublicKeyHex } from './key.ts';
import { isPoint } from './passkey.ts';
import type { Policy } from './policy.ts';

type Wrong = { readonly field: string; readonly why: string } | undefined;

export function wrongPasskey({ passkeys, network }: Policy): Wrong {
  if (!passkeys) return undefined;
  const { rpId, origins, people } = passkeys;
  const onDevnet = network === 'devnet';
  if (!isDomain.test(rpId) && !(onDevnet && rpId === 'localhost'))
    return {
      field: 'passkeys.rpId',
      why: 'must be a domain in lower case, as console.example.com (localhost on a devnet alone): passkeys are bound to no address',
    };
  for (const [index, origin] of origins.entries()) {
    const field = `passkeys.origins.${index}`;
    const url = URL.parse(origin);
    const isSafe = url?.protocol === 'https:' || (onDevnet && url?.protocol === 'http:' && isLocal(url));
    if (!url || url.origin !== origin || !isSafe)
      return {
        field,
        why: 'must be an origin as browsers write it, https://console.example.com, without a path or slash (http://localhost on a devnet alone)',
      };
    if (url.hostname !== rpId && !url.hostname.endsWith(`.${rpId}`))
      return { field, why: `is not within ${rpId}: no browser would use these passkeys there` };
    if (origins.indexOf(origin) !== index) return { field, why: 'is named twice' };
  }
  const seen = new Map<string, string>();
  for (const [index, { person, passkeys: held }] of people.entries()) {
    if (people.findIndex((one) => one.person === person) !== index)
      return { field: `passkeys.people.${index}.person`, why: `${person} stands there twice` };
    for (const [place, { id, publicKey }] of held.entries()) {
      const at = (name: string) => `passkeys.people.${index}.passkeys.${place}.${name}`;
      if (!isPoint(publicKey)) return { field: at('publicKey'), why: 'is no point of P-256' };
      for (const [name, value] of Object.entries({ id, publicKey })) {
        const other = seen.get(value);
        if (other !== undefined)
          return {
            field: at(name),
            why: `is ${other}’s already: a passkey is one person’s, and stands there once`,
          };
        seen.set(value, person);
      }
    }
  }
  return undefined;
}

/** Whether each whom a policy asks can approve at all; and above the amount that takes a second device. */
export function wrongApprover({ passkeys, rules, coldRules = [], groups }: Policy): Wrong {
  const holders = new Set(passkeys?.people.map(({ person }) => person));
  const silent = (people: readonly string[]) => people.find((one) => !isKey(one) && !holders.has(one));
  const asked = [
    ...groups.map(({ people }, index) => ({
      field: `groups.${index}`,
      people,
      secondDevice: undefined,
    })),
    ...rules.flatMap(({ approvals }, index) =>
      approvals ? [{ field: `rules.${index}.approvals`, ...approvals }] : [],
    ),
    ...coldRules.map(({ approvals }, index) => ({ field: `coldRules.${index}.approvals`, ...approvals })),
  ];
  for (const { field, people, secondDevice } of asked) {
    const nobody = silent(people);
    if (nobody !== undefined)
      return {
        field: `${field}.people`,
        why: `${nobody} is no key of 64 digits, and nobody whom passkeys.people names: they could not approve`,
      };
    if (secondDevice === undefined) continue;
    const single = people.find((person) => !isKey(person) || !holders.has(person));
    if (single !== undefined)
      return {
        field: `${field}.secondDevice`,
        why: `takes a key and a passkey of each person, and ${single} has not both: name them by their key, in passkeys.people too`,
      };
    if (2 * people.length > mostApprovals)
      return {
        field: `${field}.people`,
        why: `of two approvals each are more than the ${mostApprovals} that are carried`,
      };
  }
  return undefined;
}

const isDomain = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

function isLocal({ hostname }: URL): boolean {
  return hostname === 'localhost';
}

function isKey(person: string): boolean {
  return PublicKeyHex.safeParse(person).success;
}
