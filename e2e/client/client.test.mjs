// What an app sees: the official client, its plugins, cookies and headers, over HTTP.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAuthClient } from 'better-auth/client';
import { adminClient, inferAdditionalFields, organizationClient } from 'better-auth/client/plugins';
import { CookieJar } from 'tough-cookie';
import { startServer } from './server.mjs';

let server;
before(async () => (server = await startServer()), { timeout: 300_000 });
after(() => server?.stop());

const password = 'correct-Horse-7-battery';
let n = 0;
const address = (name) => `${name.toLowerCase()}${++n}@example.test`;

/** A browser: the official client with a cookie jar and an origin. */
function browser({ origin, headers = {} } = {}) {
  const jar = new CookieJar();
  const seen = [];
  const customFetchImpl = async (input, init = {}) => {
    const url = String(input);
    const h = new Headers(init.headers);
    for (const [k, v] of Object.entries(headers)) h.set(k, v);
    const cookie = await jar.getCookieString(url);
    if (cookie) h.set('cookie', cookie);
    h.set('origin', origin ?? server.url);
    const res = await fetch(url, { ...init, headers: h, redirect: 'manual' });
    for (const c of res.headers.getSetCookie()) await jar.setCookie(c, url);
    seen.push(res);
    return res;
  };
  const client = createAuthClient({ baseURL: server.url, fetchOptions: { customFetchImpl }, plugins: [adminClient(), inferAdditionalFields(), organizationClient({ teams: { enabled: true }, dynamicAccessControl: { enabled: true } })] });
  return { client, jar, seen, fetch: customFetchImpl };
}

async function person(name) {
  const b = browser();
  const email = address(name);
  const { data, error } = await b.client.signUp.email({ name, email, password });
  assert.equal(error, null);
  return { ...b, email, user: data.user };
}

async function root() {
  const b = browser();
  const { error } = await b.client.signIn.email({ email: 'admin@example.test', password: 'initial-Admin-9-password' });
  assert.equal(error, null);
  return b;
}

test('sign up, session, sign out', async () => {
  const b = await person('Ada');
  const { data } = await b.client.getSession();
  assert.equal(data.user.email, b.email);
  assert.ok(data.session.expiresAt instanceof Date);
  assert.ok(Math.abs(data.session.expiresAt - Date.now() - 7 * 86_400_000) < 60_000);
  assert.equal((await b.client.signOut()).data.success, true);
  assert.equal((await b.client.getSession()).data, null);
});

test('errors keep code, message and status', async () => {
  const b = browser();
  const { data, error } = await b.client.signIn.email({ email: address('nobody'), password });
  assert.equal(data, null);
  assert.deepEqual([error.status, error.code, error.message], [401, 'INVALID_EMAIL_OR_PASSWORD', 'Invalid email or password']);
});

test('remember me', async () => {
  const b = await person('Bea');
  await b.client.signOut();
  await b.client.signIn.email({ email: b.email, password, rememberMe: false });
  const cookies = await b.jar.getCookies(server.url);
  // The browser was remembered when it signed up: the cookie it is known by stays.
  const ofSession = cookies.filter((c) => !c.key.endsWith('.device'));
  assert.ok(ofSession.length > 0 && ofSession.every((c) => c.maxAge === null));
  assert.ok(cookies.every((c) => c.httpOnly && c.sameSite === 'lax'));
  assert.equal((await b.client.getSession()).data.user.email, b.email);
});

test('sessions of two devices', async () => {
  const a = await person('Cleo');
  const phone = browser({ headers: { 'user-agent': 'Phone/1' } });
  await phone.client.signIn.email({ email: a.email, password });
  const { data } = await a.client.listSessions();
  assert.equal(data.length, 2);
  const other = data.find((s) => s.userAgent === 'Phone/1');
  const stolen = browser({ headers: { authorization: `Bearer ${other.token}` } });
  assert.equal((await stolen.client.getSession()).data, null, 'a listed token authenticates');
  assert.equal((await a.client.revokeSession({ token: other.token })).data.status, true);
  assert.equal((await phone.client.getSession()).data, null);
  assert.equal((await a.client.getSession()).data.user.email, a.email);
});

test('profile and password', async () => {
  const a = await person('Dora');
  await a.client.updateUser({ name: 'Dora B.', image: 'https://pictures.example.test/d.png' });
  assert.equal((await a.client.getSession()).data.user.name, 'Dora B.');
  const wrong = await a.client.changePassword({ currentPassword: 'nope-nope-nope', newPassword: 'another-Good-1-password' });
  assert.equal(wrong.error.code, 'INVALID_PASSWORD');
  const changed = await a.client.changePassword({ currentPassword: password, newPassword: 'another-Good-1-password', revokeOtherSessions: true });
  assert.equal(changed.error, null);
  assert.equal((await a.client.getSession()).data.user.name, 'Dora B.');
  await a.client.signOut();
  assert.equal((await a.client.signIn.email({ email: a.email, password })).error.status, 401);
  assert.equal((await a.client.signIn.email({ email: a.email, password: 'another-Good-1-password' })).error, null);
});

test('bearer token from set-auth-token', async () => {
  const a = await person('Eve');
  await a.client.signOut();
  await a.client.signIn.email({ email: a.email, password });
  const token = a.seen.at(-1).headers.get('set-auth-token');
  assert.ok(token?.includes('.'));
  const app = browser({ headers: { authorization: `Bearer ${token}` } });
  assert.equal((await app.client.getSession()).data.user.email, a.email);
  const forged = browser({ headers: { authorization: `Bearer ${token.slice(0, -5)}AAAA=` } });
  assert.equal((await forged.client.getSession()).data, null);
});

test('another origin', async () => {
  const a = await person('Fay');
  const app = browser({ origin: 'https://app.example.test' });
  assert.equal((await app.client.signIn.email({ email: a.email, password })).error, null);
  const res = app.seen.at(-1);
  assert.equal(res.headers.get('access-control-allow-origin'), 'https://app.example.test');
  assert.equal(res.headers.get('access-control-allow-credentials'), 'true');
  assert.match(res.headers.get('vary') ?? '', /Origin/);
  assert.equal((await app.client.updateUser({ name: 'From the app' })).error, null);
  const evil = browser({ origin: 'https://evil.example.org' });
  evil.jar.store = app.jar.store;
  const { error } = await evil.client.updateUser({ name: 'Mallory' });
  assert.equal(error.code, 'INVALID_ORIGIN');
  assert.equal(evil.seen.at(-1).headers.get('access-control-allow-origin'), null);
  const preflight = await fetch(`${server.url}/api/auth/update-user`, { method: 'OPTIONS', headers: { origin: 'https://app.example.test', 'access-control-request-method': 'POST' } });
  assert.equal(preflight.status, 204);
  const refused = await fetch(`${server.url}/api/auth/update-user`, { method: 'OPTIONS', headers: { origin: 'https://evil.example.org', 'access-control-request-method': 'POST' } });
  assert.equal(refused.status, 404);
});

test('administration', async () => {
  const boss = await root();
  const email = address('gus');
  const made = await boss.client.admin.createUser({ email, name: 'Gus', password, role: 'user' });
  assert.equal(made.error, null);
  const gus = browser();
  await gus.client.signIn.email({ email, password });
  assert.equal((await gus.client.admin.listUsers({ query: { limit: 1 } })).error.status, 403);
  const list = await boss.client.admin.listUsers({ query: { searchField: 'email', searchOperator: 'contains', searchValue: email } });
  assert.deepEqual(list.data.users.map((u) => u.email), [email]);
  await boss.client.admin.banUser({ userId: made.data.user.id, banReason: 'spam' });
  assert.equal((await gus.client.getSession()).data, null);
  assert.equal((await gus.client.signIn.email({ email, password })).error.code, 'BANNED_USER');
  await boss.client.admin.unbanUser({ userId: made.data.user.id });
  assert.equal((await gus.client.signIn.email({ email, password })).error, null);
  await boss.client.admin.impersonateUser({ userId: made.data.user.id });
  assert.equal((await boss.client.getSession()).data.user.email, email);
  const change = await boss.client.changePassword({ currentPassword: password, newPassword: 'another-Good-1-password' });
  assert.equal(change.error.status, 403, 'an impersonator changed a password');
  await boss.client.admin.stopImpersonating();
  assert.equal((await boss.client.getSession()).data.user.email, 'admin@example.test');
  assert.equal(boss.client.admin.checkRolePermission({ role: 'admin', permissions: { user: ['list'] } }), true);
  assert.equal((await boss.client.admin.removeUser({ userId: made.data.user.id })).data.success, true);
});

test('nobody becomes administrator by asking', async () => {
  const b = browser();
  const { error } = await b.client.signUp.email({ name: 'Mallory', email: address('mallory'), password, role: 'admin' });
  assert.equal(error.code, 'FIELD_NOT_ALLOWED');
});

test('delete the account', async () => {
  const a = await person('Hal');
  assert.equal((await a.client.deleteUser({ password: 'wrong-wrong-wrong' })).error.code, 'INVALID_PASSWORD');
  assert.equal((await a.client.deleteUser({ password })).error, null);
  assert.equal((await a.client.getSession()).data, null);
  assert.equal((await a.client.signIn.email({ email: a.email, password })).error.status, 401);
});

test('the five endpoints of the principal', async () => {
  const boss = await root();
  const get = async (path) => (await boss.fetch(`${server.url}/api/v1/auth${path}`)).json();
  const me = await get('/me');
  assert.equal(me.authenticated, true);
  const session = await get('/session');
  assert.ok(session.scopes.includes('platform:user:list'));
  assert.deepEqual([session.state, session.userId], ['active', me.user.subject]);
  const stranger = await fetch(`${server.url}/api/v1/auth/me`);
  assert.deepEqual([stranger.status, await stranger.json()], [200, { authenticated: false }]);
  const forged = await fetch(`${server.url}/api/v1/auth/me`, { headers: { authorization: 'Bearer abc.defghijklmnopqrstuvwxyz' } });
  assert.deepEqual([forged.status, (await forged.json()).code], [401, 'token_signature_invalid']);
  const out = await boss.fetch(`${server.url}/api/v1/auth/signout`, { method: 'POST' });
  assert.equal(out.status, 200);
  assert.equal((await get('/me')).authenticated, false);
});

/** What a call of the client answers; it must be no error. */
async function ok(call) {
  const { data, error } = await call;
  assert.equal(error, null);
  return data;
}

const me = async (b, headers = {}) => (await b.fetch(`${server.url}/api/v1/auth/me`, { headers })).json();

test('an organization, as docs/organizations.md has it', async () => {
  const ann = await person('Ann');
  const kim = await person('Kim');
  const org = await ok(ann.client.organization.create({ name: 'Acme', slug: `acme-${n}` }));
  const invited = await ok(ann.client.organization.inviteMember({ email: kim.email, role: 'member' }));
  const may = async (b) => (await ok(b.client.organization.hasPermission({ permissions: { member: ['create'] } }))).success;
  assert.equal(await may(ann), true);

  const root_ = await root(); // an address is proved before its invitations can be answered
  await ok(root_.client.admin.updateUser({ userId: kim.user.id, data: { emailVerified: true } }));
  await ok(kim.client.organization.acceptInvitation({ invitationId: invited.id }));
  const full = await ok(kim.client.organization.getFullOrganization());
  assert.deepEqual([full.id, full.members.length], [org.id, 2]);
  assert.equal(await may(kim), false);

  await ok(ann.client.organization.createRole({ role: 'keeper', permission: { member: ['create'] } }));
  const member = full.members.find((m) => m.userId === kim.user.id);
  await ok(ann.client.organization.updateMemberRole({ memberId: member.id, role: 'keeper' }));
  assert.equal(await may(kim), true);
  const known = await me(kim);
  assert.ok(known.user.roles.includes('organization:keeper') && known.user.scopes.includes('member:create'));

  const team = await ok(ann.client.organization.createTeam({ name: 'Sales' }));
  await ok(ann.client.organization.addTeamMember({ teamId: team.id, userId: kim.user.id }));
  assert.deepEqual((await ok(kim.client.organization.listUserTeams())).map((t) => t.id), [team.id]);

  await ok(ann.client.organization.removeMember({ memberIdOrEmail: kim.email }));
  const gone = await kim.client.organization.getFullOrganization({ query: { organizationId: org.id } });
  assert.deepEqual([gone.error.status, gone.error.code], [403, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION']);
  assert.ok(!(await me(kim)).user.scopes.includes('member:create'));
});

// The plugin @better-auth/api-key adds types and error codes alone: the client finds the routes.
test('API keys, as docs/keys.md has them', async () => {
  const ann = await person('Ann');
  const made = await ok(ann.client.apiKey.create({ name: 'Backup', expiresIn: 60 * 60 * 24 * 30 }));
  assert.ok(made.key.startsWith(made.start));
  const listed = await ok(ann.client.apiKey.list());
  assert.deepEqual([listed.total, listed.apiKeys[0].id, listed.apiKeys[0].key], [1, made.id, undefined]);
  const caller = browser();
  const seen = await me(caller, { 'x-api-key': made.key });
  assert.deepEqual([seen.authenticated, seen.user.subject, seen.user.scheme], [true, ann.user.id, 'api-key']);

  const org = await ok(ann.client.organization.create({ name: 'Keys', slug: `keys-${n}` }));
  const theirs = await ok(ann.client.apiKey.create({ configId: 'org', organizationId: org.id, name: 'CI' }));
  assert.equal(theirs.referenceId, org.id);
  assert.equal((await ok(ann.client.apiKey.list({ query: { organizationId: org.id } }))).total, 1);
  assert.equal((await me(caller, { 'x-api-key': theirs.key })).user.subject, `organization:${org.id}`);
  const other = await person('Kim');
  assert.equal((await other.client.apiKey.list({ query: { organizationId: org.id } })).error.status, 403);

  await ok(ann.client.apiKey.update({ keyId: made.id, enabled: false }));
  assert.equal((await me(caller, { 'x-api-key': made.key })).code, 'api_key_disabled');
  await ok(ann.client.apiKey.delete({ keyId: made.id }));
  assert.equal((await ok(ann.client.apiKey.list())).total, 0);
});
