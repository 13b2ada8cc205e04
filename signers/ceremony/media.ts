/** Media: shares that lie together are the key, and what lies on the machine of the keystore protects nobody. */
import { readdirSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured, reasonOf, wouldBeRead } from '@kuramori/program';
import { deviceText, mountOf, mountsHere } from './mounts.ts';

export interface Media {
  /** The signer's own folder. */
  readonly own: string;
  /** A folder for each paper. */
  readonly to: readonly string[];
  /** Folders may be on one medium, as in a rehearsal: but still no two papers in one folder. */
  readonly althoughTogether: boolean;
  /** One folder, where people put other media. */
  readonly changed?: boolean;
}

interface Place {
  readonly folder: string;
  /** Without links. */
  readonly real: string;
  /** The file system that it is on, `major:minor`: as near to the medium as a process without rights can look. */
  readonly device: string;
}

/** Throws Misconfigured where two papers would come to lie together, or one beside the keys; nothing is written by it. */
export function mustBeApart({ own, to, althoughTogether, changed }: Media): void {
  const [home, places] = [placeOf(own), to.map(placeOf)];
  for (const { folder, real } of places) {
    if (real === home.real || real.startsWith(`${home.real}/`))
      throw new Misconfigured(`${folder}: is in the signer’s own folder: a share goes elsewhere`);
    if (places.filter((other) => other.real === real).length > 1)
      throw new Misconfigured(`${folder}: is named twice: each share goes to a folder of its own`);
    // Half-written ones too, and in capitals, as the file systems of USB sticks may give them.
    mustBeBare(
      folder,
      /^(?:share-|words\.txt|envelopes-)/i,
      changed === true ? 'Put another medium in' : 'Name another folder',
    );
  }
  const why = places.map(({ folder }) => wouldBeRead(folder)).find((one) => one !== null);
  if (why !== undefined) throw new Misconfigured(why);
  if (!althoughTogether) mustBeOnOthers(home, places);
}

/** Throws Misconfigured where something of that kind lies there. */
function mustBeBare(folder: string, kind: RegExp, helps = 'Name another folder'): void {
  const other = namesIn(folder).find((name) => kind.test(name));
  if (other !== undefined)
    throw new Misconfigured(`${join(folder, other)}: is there: two papers never lie together. ${helps}`);
}

/** The list of envelopes has no word in it, but says what there is to steal: it lies beside no share. Throws Misconfigured. */
export function mustLieElsewhere(list: string, { own, to, althoughTogether }: Media): void {
  const place = placeOf(list);
  const within = (one: string, other: string) => one === other || one.startsWith(`${other}/`);
  if (within(place.real, placeOf(own).real))
    throw new Misconfigured(`${list}: is in the signer’s own folder: the list of envelopes goes elsewhere`);
  for (const { folder, real, device } of to.map(placeOf))
    if (
      within(place.real, real) ||
      within(real, place.real) ||
      (!althoughTogether && device === place.device)
    )
      throw new Misconfigured(
        `${list}: is on the medium of a share (${folder}): the list of envelopes lies beside none`,
      );
  mustBeBare(list, /^(?:share-|words\.txt)/i);
}

/** File systems that are no medium that somebody could take out, by what Linux's statfs(2) calls them. */
const noMedium: ReadonlyMap<number, string> = new Map([
  [0x01021994, 'tmpfs: memory'],
  [0x858458f6, 'ramfs: memory'],
  [0x794c7630, 'overlay: folders of others'],
  [0x73717368, 'squashfs: an image'],
]);

/**
 * What people bring lies apart too, or one theft takes what they believe two places keep; and a file on this machine's own disks
 * stays there. Throws Misconfigured.
 */
export function mustComeApart(own: string, from: readonly string[], althoughTogether: boolean): void {
  const [home, places] = [placeOf(own), from.map(placeOf)];
  for (const { folder, real } of places)
    if (real === home.real || real.startsWith(`${home.real}/`))
      throw new Misconfigured(
        `${folder}: is in the signer’s own folder: what is tried comes from where it is kept`,
      );
  if (althoughTogether) return;
  const mounts = mountsHere();
  const idsOf = idsBy(mounts);
  const onSame = ([one = home, ...others]: readonly Place[]): readonly Place[] => {
    const same = others.filter((other) => areOne(idsOf(one), idsOf(other)));
    return same.length > 0 || others.length === 0 ? [one, ...same] : onSame(others);
  };
  const together = onSame(places);
  if (together.length > 1)
    throw new Misconfigured(
      `${together.map(({ folder }) => folder).join(', ')}: come on one medium: whoever has it has all of them. Keep them apart; to rehearse all the same, say --although-together`,
    );
  const here = places.find((place) =>
    [idsOf(home), [mountOf(mounts, '/').device]].some((ids) => areOne(ids, idsOf(place))),
  );
  if (here)
    throw new Misconfigured(
      `${here.folder}: is on a disk of this machine, where it stays for whoever comes next: bring it on a medium of its own (is it mounted?). To rehearse all the same, say --although-together`,
    );
}

const idsBy =
  (mounts: ReturnType<typeof mountsHere>) =>
  ({ real, device }: Place): readonly string[] => [device, mountOf(mounts, real).device];

const areOne = (one: readonly string[], other: readonly string[]) => one.some((id) => other.includes(id));

/** Another file system than that of the keys, than that of this machine’s root, and than that of the other papers. */
function mustBeOnOthers(home: Place, places: readonly Place[]): void {
  const mounts = mountsHere();
  const idsOf = idsBy(mounts);
  const onSameAs = (one: readonly string[]) => places.filter((place) => areOne(one, idsOf(place)));
  const mustBeNone = (found: readonly Place[], why: string) => {
    if (found.length > 0) throw new Misconfigured(`${found.map(({ folder }) => folder).join(', ')}: ${why}`);
  };
  mustBeNone(
    onSameAs(idsOf(home)),
    'on the disk that the keys are on, and not on a medium of its own (is it mounted?). To rehearse, say --although-together',
  );
  const first = places.find((place) => onSameAs(idsOf(place)).length > 1);
  mustBeNone(
    first ? onSameAs(idsOf(first)) : [],
    'are on one medium: whoever has it has several shares. Name one folder alone, and the media are asked for one after another; to rehearse, say --although-together and name a folder for each',
  );
  mustBeNone(
    onSameAs([mountOf(mounts, '/').device]),
    'on the disk of this machine’s system, and not on a medium of its own (is it mounted?). To rehearse, say --although-together',
  );
  for (const { folder } of places) {
    const kind = noMedium.get(statfsSync(folder).type);
    if (kind !== undefined)
      throw new Misconfigured(
        `${folder}: on no medium (${kind}): mount one there. To rehearse, say --although-together`,
      );
  }
}

function placeOf(folder: string): Place {
  try {
    // The native one: the other looks at each folder above, which this process may not.
    return { folder, real: realpathSync.native(folder), device: deviceText(statSync(folder).dev) };
  } catch (cause) {
    throw new Misconfigured(`${folder}: ${reasonOf(cause)}`, { cause });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new Misconfigured(`${folder}: ${reasonOf(cause)}`, { cause });
  }
}
