/** Media: shares that lie together are the key, and what lies on the machine of the keystore protects nobody. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured, reasonOf, wouldBeRead } from '@kuramori/program';

export interface Media {
  /** The signer's own folder. */
  readonly own: string;
  /** A folder for each paper. */
  readonly to: readonly string[];
  /** Folders may be on one medium, as in a rehearsal: but still no two papers in one folder. */
  readonly althoughTogether: boolean;
}

interface Place {
  readonly folder: string;
  /** Without links. */
  readonly real: string;
  /** The file system that it is on: as near to the medium as a process without rights can look. */
  readonly device: number;
}

/** Throws Misconfigured where two papers would come to lie together, or one beside the keys; nothing is written by it. */
export function mustBeApart({ own, to, althoughTogether }: Media): void {
  const [home, places] = [placeOf(own), to.map(placeOf)];
  for (const { folder, real } of places) {
    if (real === home.real || real.startsWith(`${home.real}/`))
      throw new Misconfigured(`${folder}: is in the signer’s own folder: a share goes elsewhere`);
    if (places.filter((other) => other.real === real).length > 1)
      throw new Misconfigured(`${folder}: is named twice: each share goes to a folder of its own`);
    // Half-written ones too, and in capitals, as the file systems of USB sticks may give them.
    const other = namesIn(folder).find((name) => /^(?:share-|words\.txt)/i.test(name));
    if (other !== undefined)
      throw new Misconfigured(
        `${join(folder, other)}: is there: two papers never lie together. Name another folder`,
      );
  }
  const why = places.map(({ folder }) => wouldBeRead(folder)).find((one) => one !== null);
  if (why !== undefined) throw new Misconfigured(why);
  if (!althoughTogether) mustBeOnOthers(home, places);
}

function mustBeOnOthers(home: Place, places: readonly Place[]): void {
  const names = (of: readonly Place[]) => of.map(({ folder }) => folder).join(', ');
  const inside = places.filter(({ device }) => device === home.device);
  if (inside.length > 0)
    throw new Misconfigured(
      `${names(inside)}: on the disk that the keys are on, and not on a medium of its own (is it mounted?). To rehearse, say --although-together`,
    );
  const shared = [...Map.groupBy(places, ({ device }) => device).values()].find((of) => of.length > 1);
  if (shared)
    throw new Misconfigured(
      `${names(shared)}: are on one medium: whoever has it has several shares. Name one folder alone, and the media are asked for one after another; to rehearse, say --although-together`,
    );
}

function placeOf(folder: string): Place {
  try {
    // The native one: the other looks at each folder above, which this process may not.
    return { folder, real: realpathSync.native(folder), device: statSync(folder).dev };
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
