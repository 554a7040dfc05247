#!/usr/bin/env python3
"""Kill servers and workers at random while customers send work, and prove that nothing is lost, done twice or charged twice.

    tool/torture.py [--database sqlite|postgres|both] [--runs N] [--kills N] [--seed N]
    tool/torture.py --share N      two servers and two workers share N jobs of three tenants, unharmed
    tool/torture.py --batch N      a batch of N photos of the product photo studio, paused once and killed all along

A customer sends a request again, with the same Idempotency-Key, until it is answered; a run counts as accepted once `process` was answered.
Every photo is a drawn product without background, so no model is needed. Everything listens on loopback, lies in a temporary folder
and is ended by its pid. Ends with one line: N passed, N failed.
"""
import argparse
import contextlib
import glob
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent.parent / 'build' / 'cyclorama'
ADMIN_KEY = 'a-key-of-the-torturer'
ITEMS = 10  # of one job
CUSTOMERS = 4  # at once, of two tenants
CREDITS = 3
PATIENCE_S = 1500
HEAVY = 2  # pictures at once in each process
FOOT_BYTES = 256  # what a folder's blob says of itself at its end
PLANS = {'postgres': (2, 2), 'sqlite': (1, 0)}  # servers, workers beside them


def photo(number, side=96):
    """PNG of a disc with its number in the colour: no two are the same bytes, all are the same to look at."""
    rows, half = bytearray(), side // 2
    for y in range(side):
        across = max((half * 5 // 6) ** 2 - (y - half) ** 2, 0) ** 0.5
        begin = half - int(across)
        rows += bytes(1 + 4 * begin) + bytes((200, 60, 40, 255)) * (2 * (half - begin)) + bytes(4 * (side - 2 * half + begin))
    rows[1 + half * (side * 4 + 1) + half * 4 + 2] = number % 250

    def chunk(kind, body):
        return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
    head = struct.pack('>IIBBBBB', side, side, 8, 6, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(bytes(rows))) + chunk(b'IEND', b'')


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Postgres:
    """A PostgreSQL of our own in FOLDER."""

    def __init__(self, folder):
        self.port = free_port()
        self.folder = folder / 'postgres'
        self.folder.mkdir()
        self.binaries = binaries = Path(sorted(glob.glob('/usr/lib/postgresql/*/bin'))[-1])
        self.user = ['runuser', '-u', 'postgres', '--'] if os.getuid() == 0 else []
        if self.user:
            os.chmod(folder, 0o755)
            shutil.chown(self.folder, 'postgres', 'postgres')
        subprocess.run([*self.user, binaries / 'initdb', '-D', self.folder / 'data', '-U', 'postgres', '-A', 'trust', '-E', 'UTF8',
                        '--locale=C'], check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen(
            [*self.user, binaries / 'postgres', '-D', self.folder / 'data', '-p', str(self.port), '-k', self.folder,
             '-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            ready = subprocess.run([binaries / 'pg_isready', '-q', '-h', '127.0.0.1', '-p', str(self.port)], check=False)
            if ready.returncode == 0:
                break
            time.sleep(0.1)
        self.url = f'postgresql://postgres@127.0.0.1:{self.port}/postgres'

    def records(self, sql):
        said = subprocess.run([self.binaries / 'psql', '-X', '-q', '-At', '-F', '\t', '-c', sql, self.url], check=True, capture_output=True,
                              text=True).stdout
        return [tuple(line.split('\t')) for line in said.splitlines()]

    def stop(self):
        pid = int((self.folder / 'data' / 'postmaster.pid').read_text().splitlines()[0])
        os.kill(pid, signal.SIGINT)
        self.process.wait()


class Studio:
    """Servers and workers that share FOLDER and one database."""

    def __init__(self, folder, database):
        servers, workers = PLANS[database]
        self.folder = folder
        self.postgres = Postgres(folder) if database == 'postgres' else None
        self.ports = [free_port() for _ in range(servers)]
        self.env = os.environ | {
            'CYCLORAMA_DATA': str(folder / 'data'), 'CYCLORAMA_ADMIN_KEY': ADMIN_KEY, 'UPSCALE_ENABLED': 'false',
            'CYCLORAMA_DRAIN_SECONDS': '5', 'CYCLORAMA_WORKERS': str(HEAVY), 'CYCLORAMA_SIGNING_KEY': 'k' * 40}
        if self.postgres:
            self.env['DATABASE_URL'] = self.postgres.url
            self.env['CYCLORAMA_PUBLIC_URL'] = f'http://127.0.0.1:{self.ports[0]}'
        else:
            self.env.pop('DATABASE_URL', None)
        self.log = open(folder / 'log', 'ab')
        self.rows = [['serve', '--listen', f'127.0.0.1:{port}'] for port in self.ports] + [['work']] * workers
        self.processes = [None] * len(self.rows)
        self.start(0)
        call(self, 'GET', '/health/ready')
        for index in range(1, len(self.rows)):
            self.start(index)

    def start(self, index):
        self.processes[index] = subprocess.Popen([PROGRAM, *self.rows[index]], env=self.env, stdout=self.log, stderr=self.log)

    def kill(self, index):
        self.processes[index].kill()
        self.processes[index].wait()
        self.start(index)

    def admin(self, *words):
        return subprocess.run([PROGRAM, 'admin', *words], env=self.env, capture_output=True, text=True, check=False)

    def records(self, sql):
        """What the database itself says, as text."""
        if self.postgres:
            return self.postgres.records(sql)
        with contextlib.closing(sqlite3.connect(self.folder / 'data' / 'cyclorama.db', timeout=60)) as link, link:
            return [tuple(map(str, row)) for row in link.execute(sql)]

    def blobs(self):
        """Files of the store by their keys."""
        root = self.folder / 'data' / 'store' / 'blobs'
        return {str(path.relative_to(root))[:-1]: path for path in root.rglob('*=') if path.is_file()}

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
        if self.postgres:
            self.postgres.stop()


@contextlib.contextmanager
def studio_of(database):
    with tempfile.TemporaryDirectory(prefix='cyclorama-torture-') as folder:
        studio = Studio(Path(folder), database)
        try:
            yield studio
        finally:
            studio.stop()


def call(studio, method, path, body=None, key=None, name=None, kind=None):
    """The JSON that is answered in the end. Broken lines, refused connections, 5xx and 429 are tried again; NAME is the Idempotency-Key."""
    until = time.time() + PATIENCE_S
    url = path if path.startswith('http') else None
    while True:
        port = random.choice(studio.ports)
        headers = {'X-API-Key': key} if key else {}
        if name:
            headers['Idempotency-Key'] = name
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        if kind:
            headers['Content-Type'] = kind
        elif isinstance(body, bytes):
            headers['x-ms-blob-type'] = 'BlockBlob'
        elif data is not None:
            headers['Content-Type'] = 'application/json'
        try:
            request = urllib.request.Request(url or f'http://127.0.0.1:{port}{path}', data, headers, method=method)
            with urllib.request.urlopen(request, timeout=30) as reply:
                text = reply.read()
                return json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            said = error.read().decode()
            again = error.code >= 500 or error.code == 429 or (error.code == 409 and 'being answered' in said)
            if not again or time.time() > until:
                raise RuntimeError(f'{method} {path}: {error.code} {said}') from error
        except OSError:
            if time.time() > until:
                raise
        time.sleep(random.uniform(0.05, 0.3))


class Customer(threading.Thread):
    """One that makes JOBS jobs of ITEMS photos each and starts them."""

    def __init__(self, studio, tenant, jobs, number):
        super().__init__()
        self.studio, self.tenant, self.number = studio, tenant, number
        self.wanted, self.accepted, self.failure = jobs, [], None

    def run(self):
        try:
            for job in range(self.wanted):
                self.make(f'{self.number}-{job}')
        except (RuntimeError, OSError) as error:
            self.failure = error

    def make(self, name):
        key = self.tenant['api_key']
        items = [{'filename': f'{name}-{item}.png', 'scene_prompt': 'plain white studio'} for item in range(ITEMS)]
        job = call(self.studio, 'POST', '/v1/jobs', {'name': name, 'items': items}, key, f'job-{name}')
        for index, item in enumerate(job['items']):
            place = {'job_id': job['job_id'], 'item_id': item['item_id']}
            link = call(self.studio, 'POST', '/v1/uploads/sas', place, key)
            call(self.studio, 'PUT', link['upload_url'], photo(index))
            call(self.studio, 'POST', '/v1/uploads/complete', place, key)
        call(self.studio, 'POST', f'/v1/jobs/{job["job_id"]}/process', {}, key, f'start-{name}')
        self.accepted.append(job['job_id'])


class Killer(threading.Thread):
    def __init__(self, studio, kills, dice):
        super().__init__()
        self.studio, self.left, self.dice, self.done = studio, kills, dice, threading.Event()

    def run(self):
        while self.left > 0 and not self.done.wait(self.dice.uniform(0.2, 2.0)):
            self.studio.kill(self.dice.randrange(len(self.studio.rows)))
            self.left -= 1


def tenant_make(studio, name):
    return call(studio, 'POST', '/v1/tenants', {'name': name, 'plan': 'enterprise'}, ADMIN_KEY)


def all_end(studio, customers):
    """The jobs of CUSTOMERS once all their items have ended, by id."""
    jobs = {}
    until = time.time() + PATIENCE_S
    for customer in customers:
        for job_id in customer.accepted:
            while True:
                job = call(studio, 'GET', f'/v1/jobs/{job_id}', key=customer.tenant['api_key'])
                if all(item['status'] in ('completed', 'failed', 'cancelled') for item in job['items']):
                    jobs[job_id] = job
                    break
                if time.time() > until:
                    raise RuntimeError(f'job {job_id} does not end')
                time.sleep(0.3)
    return jobs


class Proof:
    """Counts what holds and says what does not."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def holds(self, what, is_so, detail=''):
        self.passed, self.failed = self.passed + bool(is_so), self.failed + (not is_so)
        print(f'{"ok" if is_so else "not ok"} - {what}{"" if is_so or not detail else f": {detail}"}', flush=True)


def ledger_prove(studio, proof, customers, jobs):
    checked = studio.admin('ledger', 'check')
    proof.holds('every purse is what its entries and holds sum up to', checked.returncode == 0, checked.stdout + checked.stderr)
    for customer in {id(c.tenant): c for c in customers}.values():
        done = sum(item['status'] == 'completed' for c in customers if c.tenant is customer.tenant
                   for job_id in c.accepted for item in jobs[job_id]['items'])
        purse = json.loads(studio.admin('credits', 'show', customer.tenant['tenant_id'], '--json').stdout)
        proof.holds(f'{customer.tenant["name"]} has paid for {done} pictures and nothing is held',
                    purse['balance'] == -CREDITS * done and purse['held'] == 0, purse)


ENDINGS = "('run.completed', 'run.failed', 'run.cancelled')"
WRONG = {  # rows that must not be
    'run with another number of endings than one':
        f'SELECT r.id FROM runs r WHERE (SELECT count(*) FROM run_events e WHERE e.run_id = r.id AND e.kind IN {ENDINGS}) <> 1',
    'run with another number of pictures than it should have':
        "SELECT r.id FROM runs r WHERE (SELECT count(*) FROM assets a WHERE a.owner = r.id AND a.purpose = 'output')"
        " <> CASE r.state WHEN 'completed' THEN 1 ELSE 0 END",
    'run that was paid for twice, or never':
        "SELECT r.id FROM runs r WHERE (SELECT count(*) FROM ledger_entries e WHERE e.hold_id = r.hold_id AND e.kind = 'capture'"
        f" AND e.credits = {CREDITS}) <> CASE r.state WHEN 'completed' THEN 1 ELSE 0 END",
    'capture beside those of runs':
        "SELECT e.id FROM ledger_entries e WHERE e.kind = 'capture' AND e.hold_id NOT IN (SELECT hold_id FROM runs WHERE hold_id IS NOT NULL)",
    'hold that is open': "SELECT id FROM ledger_holds WHERE state = 'open'",
    'run that failed, but for one whose worker was killed at each of its tries':
        "SELECT id FROM runs WHERE state <> 'completed' AND error <> 'lease_lost'",
    'job that is left over, but for the dead of runs that failed':
        "SELECT id FROM jobs WHERE queue = 'jobs' AND (state <> 'dead' OR subject NOT IN (SELECT id FROM runs WHERE state = 'failed'))",
}


def records_prove(studio, proof, customers):
    accepted = sum(len(customer.accepted) for customer in customers) * ITEMS
    there = int(studio.records('SELECT count(*) FROM runs')[0][0])
    proof.holds(f'the {accepted} runs that were accepted are all there are', there == accepted, there)
    for what, sql in WRONG.items():
        rows = studio.records(sql)
        proof.holds(f'no {what}', not rows, f'{len(rows)}, such as {rows[:3]}')


def uploads_prove(studio, proof):
    sent = [hashlib.sha256(photo(index)).hexdigest() for index in range(ITEMS)]
    blobs, bad = studio.blobs(), []
    keys = [key for key, in studio.records("SELECT key FROM photos WHERE state = 'uploaded'")]
    for key in keys:
        index = int(key.removesuffix('.png').rsplit('-', 1)[1])
        if key not in blobs or hashlib.sha256(blobs[key].read_bytes()[:-FOOT_BYTES]).hexdigest() != sent[index]:
            bad.append(key)
    proof.holds(f'{len(keys)} uploads are there as they were sent', keys and not bad, bad[:3])


def orphans_prove(studio, proof):
    """What the dead left behind grows two days old, and the clean-up that is due each night is due now."""
    def named():
        return {key for key, in studio.records('SELECT key FROM assets')}
    print(f'# {len(studio.blobs().keys() - named())} orphans before the clean-up', flush=True)
    nobodys = studio.folder / 'data' / 'store' / 'blobs' / 'outputs' / 'nobody.jpg='
    shutil.copy(next(iter(studio.blobs().values())), nobodys)  # one at least
    old = time.time() - 2 * 24 * 3600
    for path in studio.blobs().values():
        os.utime(path, (old, old))
    studio.records("UPDATE jobs SET start_ms = 1 WHERE queue = 'retention'")
    studio.kill(0)
    until = time.time() + 120
    while studio.records("SELECT id FROM jobs WHERE queue = 'retention' AND start_ms = 1") and time.time() < until:
        time.sleep(0.3)
    there, rows = studio.blobs().keys(), named()
    proof.holds(f'after the clean-up the store holds the {len(rows)} blobs that rows name, and no other', there == rows,
                f'{len(there - rows)} orphans, {len(rows - there)} without bytes')


def pictures_prove(studio, proof, jobs):
    wrong = []
    items = [item for job in jobs.values() for item in job['items'] if item['status'] == 'completed']
    for item in items:
        address = urllib.parse.urlsplit(item['output_url'])._replace(netloc=f'127.0.0.1:{studio.ports[0]}')
        with urllib.request.urlopen(address.geturl(), timeout=30) as reply:
            body = reply.read()
        if body[:2] != b'\xff\xd8' or body[-2:] != b'\xff\xd9' or len(body) != item['bytes']:
            wrong.append(item['item_id'])
    proof.holds(f'{len(items)} pictures are handed out whole', not wrong, wrong[:3])


def sent_prove(proof, customers, how):
    failures = [customer.failure for customer in customers if customer.failure]
    accepted = sum(len(customer.accepted) for customer in customers) * ITEMS
    proof.holds(f'{accepted} runs were accepted {how}', not failures, failures)


def warm_up(studio, tenant):
    """Make one picture of each photo: the cache of steps then makes all others so cheap that the dead die at all moments."""
    first = Customer(studio, tenant, 1, 'first')
    first.run()
    all_end(studio, [first])
    return first


def torture(database, wish, proof):
    with studio_of(database) as studio:
        tenants = [tenant_make(studio, f'tenant {i}') for i in range(2)]
        jobs = -(-wish.runs // (ITEMS * CUSTOMERS))
        customers = [Customer(studio, tenants[i % 2], jobs, i) for i in range(CUSTOMERS)]
        first = warm_up(studio, tenants[0])
        threads = [*customers, Killer(studio, wish.kills, random.Random(wish.seed))]
        began = time.time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        customers.append(first)
        sent_prove(proof, customers, f'on {database} under {wish.kills} kills')
        ended = all_end(studio, customers)
        states = [item['status'] for job in ended.values() for item in job['items']]
        print(f'# {database}: {time.time() - began:.0f} s, ' + ', '.join(
            f'{states.count(state)} {state}' for state in sorted(set(states))), flush=True)
        ledger_prove(studio, proof, customers, ended)
        records_prove(studio, proof, customers)
        pictures_prove(studio, proof, ended)
        uploads_prove(studio, proof)
        orphans_prove(studio, proof)


def fair_place(number, counts):
    """The last place in which a tenant's picture NUMBER may begin when tenants with COUNTS pictures take turns."""
    return sum(min(number, count) for count in counts)


def turns_prove(studio, proof, customers):
    """Fair is that tenants take turns as long as they have anything to be made, however much the others have. The queue decides what is begun,
    and nothing else, so that is what is looked at; it may be as late as there are pictures in hand, which began earlier and said so later. The
    cache is warm, so that all pictures cost the same: then they also end about in turn, which is what customers see."""
    counts = [len(customer.accepted) * ITEMS for customer in customers]
    names = {customer.tenant['tenant_id']: customer.number for customer in customers}
    began, ended = ([names[tenant] for tenant, in studio.records(f'SELECT tenant_id FROM runs ORDER BY {moment}') if tenant in names]
                    for moment in ('began_ms', 'ended_ms'))
    hands = HEAVY * len(studio.rows)
    for customer, count in zip(customers, counts):
        places = [place for place, name in enumerate(began, 1) if name == customer.number]
        late = max(place - fair_place(number, counts) for number, place in enumerate(places, 1))
        proof.holds(f'{customer.number}: the last of {count} began as number {places[-1]} of {len(began)}, '
                    f'none more than {max(late, 0)} later than its turn', late <= hands, f'{hands} are in hand')
        last = len(ended) - ended[::-1].index(customer.number)
        fair = fair_place(count, counts)
        proof.holds(f'{customer.number} had its last picture as number {last}', last <= fair * 1.25 + hands, f'its turn is {fair}')


def share(count, proof):
    """COUNT pictures for three tenants, 90 to 9 to 1; the queue is shut until all stand in it, the smallest last."""
    with studio_of('postgres') as studio:
        parts = {'large': 90, 'middle': 9, 'small': 1}
        customers = [Customer(studio, tenant_make(studio, name), max(count * part // 100 // ITEMS, 1), name) for name, part in parts.items()]
        first = warm_up(studio, tenant_make(studio, 'first'))
        studio.admin('queue', 'pause', 'jobs')
        for customer in customers:
            customer.start()
            customer.join()
        sent_prove(proof, customers, 'of three tenants')
        studio.admin('queue', 'resume', 'jobs')
        began = time.time()
        ended = all_end(studio, customers) | all_end(studio, [first])
        print(f'# made in {time.time() - began:.0f} s by two servers and two workers', flush=True)
        turns_prove(studio, proof, customers)
        failed = studio.records("SELECT id FROM runs WHERE state <> 'completed'")
        proof.holds('every picture was made', not failed, failed[:3])
        customers.append(first)
        ledger_prove(studio, proof, customers, ended)
        records_prove(studio, proof, customers)


APP = '/api/apps/product-photo-studio'
BATCH_BASE, BATCH_EACH = 10, 5
BATCH_WRONG = {
    'run that was completed not just once':
        "SELECT r.id FROM runs r WHERE (SELECT count(*) FROM run_events e WHERE e.run_id = r.id AND e.kind = 'run.completed') <> 1",
    'run with another number of pictures than one':
        "SELECT r.id FROM runs r WHERE (SELECT count(*) FROM assets a WHERE a.owner = r.id AND a.purpose = 'output') <> 1",
    'run that was paid for twice, or never':
        f"SELECT r.id FROM runs r WHERE (SELECT count(*) FROM ledger_entries e WHERE e.subject = r.id AND e.kind = 'capture'"
        f" AND e.credits = {BATCH_EACH}) <> 1",
    'hold that is open': WRONG['hold that is open'],
    'job that is left over': "SELECT id FROM jobs WHERE queue = 'batch_process' AND state <> 'dead'",
    'run that is not there': "SELECT id FROM runs WHERE state <> 'completed'",
    'base that was not taken once':
        "SELECT b.id FROM batches b WHERE (SELECT count(*) FROM ledger_entries e WHERE e.subject = b.id AND e.kind = 'capture') <> 1",
}


def form_of(photos):
    """The body and type of a form with PHOTOS."""
    line = b'--a-line-between-parts'
    parts = [line + f'\r\nContent-Disposition: form-data; name="files"; filename="{number}.png"\r\nContent-Type: image/png\r\n\r\n'.encode()
             + body + b'\r\n' for number, body in enumerate(photos)]
    return b''.join(parts) + line + b'--\r\n', 'multipart/form-data; boundary=a-line-between-parts'


class Watcher(threading.Thread):
    """Asks how a generation is until it has ended; pauses it once."""

    def __init__(self, studio, key, path, pause_at):
        super().__init__()
        self.studio, self.key, self.path, self.pause_at = studio, key, path, pause_at
        self.seen, self.late, self.last = [], None, None

    def ask(self, method='GET', what='', body=None):
        return call(self.studio, method, self.path + what, body, self.key)

    def pause(self):
        """How many more were begun after the pause was answered, and how many were at work then."""
        paused = self.ask('POST', '/pause')
        begun = int(self.studio.records('SELECT count(*) FROM runs WHERE began_ms > 0')[0][0])
        for _ in range(600):
            if not int(self.studio.records("SELECT count(*) FROM jobs WHERE queue = 'batch_process' AND state <> 'dead'")[0][0]):
                break
            time.sleep(0.2)
        after = int(self.studio.records('SELECT count(*) FROM runs WHERE began_ms > 0')[0][0])
        self.late = after - begun
        self.ask('POST', '/resume')
        return paused

    def run(self):
        while True:
            self.last = now = self.ask()
            self.seen.append(now['progress'])
            if self.late is None and now['completed'] >= self.pause_at:
                self.seen.append(self.pause()['progress'])
            if now['remaining'] == 0 and now['failed'] == 0:
                return
            if now['remaining'] == 0:  # whose workers were killed at each of its tries
                self.ask('POST', '/retry', {})
            time.sleep(0.05)


def batch(database, wish, proof):
    with studio_of(database) as studio:
        tenant = call(studio, 'POST', '/v1/tenants', {'name': 'studio', 'plan': 'enterprise', 'tier': 'premium'}, ADMIN_KEY)
        key = tenant['api_key']

        def purse():
            return json.loads(studio.admin('credits', 'show', tenant['tenant_id'], '--json').stdout)
        project = call(studio, 'POST', f'{APP}/projects', {'name': 'Batch'}, key)['id']
        body, kind = form_of(photo(number, 520) for number in range(wish.batch))
        call(studio, 'POST', f'{APP}/projects/{project}/items/upload', body, key, kind=kind)
        items = []
        while len(items) < wish.batch:
            after = f'&after={items[-1]}' if items else ''
            items += [item['id'] for item in call(studio, 'GET', f'{APP}/projects/{project}/items?limit=200{after}', key=key)['items']]
        before = purse()
        begun = call(studio, 'POST', f'{APP}/projects/{project}/batch-process', {
            'itemIds': items, 'workflow': {'background': {'action': 'solid', 'color': '#e8e0d4'}}}, key, 'batch')
        watcher = Watcher(studio, key, f'{APP}/generations/{begun["generationId"]}', wish.batch // 3)
        killer = Killer(studio, wish.kills, random.Random(wish.seed))
        began = time.time()
        killer.start()
        watcher.start()
        watcher.join()
        killer.left = 0
        killer.join()
        print(f'# {database}: {time.time() - began:.0f} s', flush=True)
        last, price = watcher.last, BATCH_BASE + BATCH_EACH * wish.batch
        proof.holds(f'all {wish.batch} pictures of the batch are there', last['completed'] == wish.batch, last['completed'])
        proof.holds('its progress never fell', watcher.seen == sorted(watcher.seen) and watcher.seen[-1] == 100, watcher.seen)
        proof.holds('nothing was begun after its pause', watcher.late == 0, watcher.late)
        after = purse()
        proof.holds(f'{price} credits were charged, and nothing is held',
                    last['creditCharged'] == price and before['balance'] - after['balance'] == price and after['held'] == 0, (before, after))
        checked = studio.admin('ledger', 'check')
        proof.holds('every purse is what its entries and holds sum up to', checked.returncode == 0, checked.stdout + checked.stderr)
        for what, sql in BATCH_WRONG.items():
            rows = studio.records(sql)
            proof.holds(f'no {what}', not rows, f'{len(rows)}, such as {rows[:3]}')


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument('--database', choices=['sqlite', 'postgres', 'both'], default='both')
    words.add_argument('--runs', type=int, default=500)
    words.add_argument('--kills', type=int, default=200)
    words.add_argument('--seed', type=int, default=1)
    words.add_argument('--share', type=int, default=0)
    words.add_argument('--batch', type=int, default=0)
    wish = words.parse_args()
    proof = Proof()

    if wish.share:
        share(wish.share, proof)
    else:
        for database in ['sqlite', 'postgres'] if wish.database == 'both' else [wish.database]:
            (batch if wish.batch else torture)(database, wish, proof)
    print(f'{proof.passed} passed, {proof.failed} failed')
    raise SystemExit(proof.failed > 0)


if __name__ == '__main__':
    main()
