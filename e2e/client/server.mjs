// Starts the server of this checkout for a test run, in a folder of its own.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;

const freePort = () =>
  new Promise((resolve, reject) => {
    const s = createServer();
    s.once('error', reject);
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });

export async function startServer(flags = []) {
  const dir = mkdtempSync(join(tmpdir(), 'gatehouse-client-'));
  const binary = join(dir, 'gatehouse');
  execFileSync('go', ['build', '-o', binary, '.'], { cwd: root, stdio: 'inherit' });
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const child = spawn(
    binary,
    [`--url=${url}`, `--listen=127.0.0.1:${port}`, '--sign_up.enabled=true', '--rate_limit.enabled=false',
      '--trusted_origins=https://app.example.test', '--admin_email=admin@example.test', ...flags],
    { cwd: dir, env: { ...process.env, GATEHOUSE_ADMIN_PASSWORD: 'initial-Admin-9-password' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  for (const s of [child.stdout, child.stderr]) s.on('data', (d) => (log += d));
  const ended = new Promise((r) => child.once('exit', r));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  for (let i = 0; i < 100; i++) {
    try {
      if ((await fetch(`${url}/health/ready`)).ok) return { url, stop, log: () => log };
    } catch {}
    await new Promise((r) => setTimeout(r, 100));
  }
  await stop();
  throw new Error(`the server did not become ready:\n${log}`);
}
