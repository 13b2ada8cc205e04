/** People: who may look; and a code for the next one, for which an administrator shows their passkey. */
import { useState } from 'react';
import type { Invited, Me, PersonShown, Role } from '../wire/index.ts';
import { useRead } from './ask.ts';
import { useLanguage } from './language.tsx';
import { step } from './passkey.ts';

const roles: readonly Role[] = ['viewer', 'operator', 'approver', 'keeper', 'auditor'];

export function PeoplePage({ me }: { readonly me: Me }) {
  const { words, day, refusal } = useLanguage();
  const { people } = words;
  const { answer, again } = useRead<{ readonly people: readonly PersonShown[] }>('/api/people');
  const [wrong, setWrong] = useState('');
  const all = answer?.kind === 'answered' ? answer.value.people : [];
  const remove = async ({ id, name }: PersonShown) => {
    if (!confirm(people.sure(name))) return;
    const done = await step('/api/remove', { person: id });
    setWrong(
      done.kind === 'answered' ? '' : done.kind === 'cancelled' ? words.door.cancelled : refusal(done.why),
    );
    again();
  };
  return (
    <>
      <h1>{people.title}</h1>
      <ul className="plainlist">
        {all.map((person) => (
          <li key={person.id}>
            <strong>{person.name}</strong>
            <span>
              {words.roles[person.role]}
              {person.administrator ? ` · ${people.administrator}` : ''}
            </span>
            <span className="soft small">
              {person.seen === null ? people.neverSeen : people.seen(day(person.seen))}
            </span>
            {person.id === me.id ? (
              <span />
            ) : (
              <button type="button" className="button plain bad" onClick={() => void remove(person)}>
                {people.remove}
              </button>
            )}
          </li>
        ))}
      </ul>
      <p role="alert" className={wrong === '' ? 'hidden' : 'note bad'}>
        {wrong}
      </p>
      <Invite />
    </>
  );
}

function Invite() {
  const { words, time, refusal } = useLanguage();
  const { people } = words;
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [administrator, setAdministrator] = useState(false);
  const [invited, setInvited] = useState<(Invited & { readonly name: string }) | null>(null);
  const [wrong, setWrong] = useState('');
  const invite = async () => {
    const done = await step<Invited>('/api/invite', { name, role, administrator });
    if (done.kind === 'answered') setInvited({ ...done.value, name });
    setWrong(
      done.kind === 'answered' ? '' : done.kind === 'cancelled' ? words.door.cancelled : refusal(done.why),
    );
  };
  return (
    <section className="plan">
      <h2>{people.inviteTitle}</h2>
      <form
        className="invite"
        onSubmit={(event) => {
          event.preventDefault();
          void invite();
        }}
      >
        <div>
          <label className="label" htmlFor="name">
            {people.name}
          </label>
          <input
            id="name"
            className="field"
            required
            maxLength={60}
            autoComplete="off"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        </div>
        <div>
          <label className="label" htmlFor="role">
            {people.role}
          </label>
          <select
            id="role"
            className="choice field"
            value={role}
            onChange={({ target }) => setRole(roles.find((one) => one === target.value) ?? 'viewer')}
          >
            {roles.map((one) => (
              <option key={one} value={one}>
                {words.roles[one]}
              </option>
            ))}
          </select>
        </div>
        <label className="check">
          <input
            type="checkbox"
            checked={administrator}
            onChange={({ target }) => setAdministrator(target.checked)}
          />
          {people.administrator}
        </label>
        <button type="submit" className="button main">
          {people.invite}
        </button>
      </form>
      <p role="alert" className={wrong === '' ? 'hidden' : 'note bad'}>
        {wrong}
      </p>
      {invited === null ? null : (
        <p role="status" className="invited">
          {people.invited(invited.name, time(invited.expires))}
          <span className="code" data-code="">
            {invited.code}
          </span>
        </p>
      )}
    </section>
  );
}
