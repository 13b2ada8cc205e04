/** The events of a watchtower's incident, by name: who notes another one must add it here, and say what a pager does with it. */

export const incidentEvents = [
  'alarm: frozen',
  'alarm',
  'alarm: a key file was read',
  'a signer has two journals',
  'this watchtower has lost entries that it cosigned',
  'this watchtower cosigned another journal than it holds',
  'evacuation sent',
  'evacuation announced',
  'signer frozen',
  'thaw taken up',
  'thawed',
  'books went back',
  'books are silent',
  'books cannot be compared',
  'books do not balance',
  'books and chain apart',
  'books hold coins in no wallet',
  'claims above holdings',
  'nodes disagree on a balance',
  'the books are in order again',
  'the pager is silent',
  'the pager reaches nobody',
  'the pager is in order again',
] as const;
export type IncidentEvent = (typeof incidentEvents)[number];
