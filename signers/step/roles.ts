/** Roles: of those present the first does it, the second watches, holds it against the papers, and says stop; others are there as well. */

export interface Roles {
  readonly operator: string;
  readonly witness: string;
}

export function rolesOf([operator = '', witness = '']: readonly string[]): Roles {
  return { operator, witness };
}

/** For the people there, before anything else. */
export function tellRoles({ operator, witness }: Roles): string {
  return `${operator} does it; ${witness} watches, holds it against the papers, and says stop / 操作は ${operator}、立会いは ${witness}（紙と照らし合わせ、違えば止める）`;
}
