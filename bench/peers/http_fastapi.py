"""The quota of a tenant, answered by FastAPI as Cyclorama answers it: who asks, may it, how often, and a row of SQLite as JSON."""
import hashlib
import os
import sqlite3
import time

from fastapi import FastAPI, Header, HTTPException, Response
from pydantic import BaseModel

KEEP_S, A_MINUTE, BURST = 10, 6000, 2000
db = sqlite3.connect(os.environ['BENCH_DATABASE'])
known, buckets = {}, {}
app = FastAPI()


class Quota(BaseModel):
    quota: int | None
    used: int
    remaining: int | None
    reset_date: str


def tenant_of(key):
    name = hashlib.sha256(key.encode()).hexdigest()
    found = known.get(name)
    now = time.monotonic()
    if not found or found[1] < now:
        row = db.execute('select tenant_id from keys where hash = ?', (name,)).fetchone()
        if not row:
            raise HTTPException(401)
        found = known[name] = (row[0], now + KEEP_S)
    return found[0]


def rate_take(tenant):
    now = time.monotonic()
    level, at = buckets.get(tenant, (BURST, now))
    level = min(BURST, level + (now - at) * A_MINUTE / 60)
    if level < 1:
        raise HTTPException(429)
    buckets[tenant] = (level - 1, now)
    return int(level - 1)


@app.get('/v1/quota', response_model=Quota)
async def quota_get(response: Response, x_api_key: str = Header()):
    tenant = tenant_of(x_api_key)
    response.headers['X-RateLimit-Limit'] = str(BURST)
    response.headers['X-RateLimit-Remaining'] = str(rate_take(tenant))
    quota, used, reset = db.execute('select quota, used, reset_date from tenants where id = ?', (tenant,)).fetchone()
    limit = None if quota < 0 else quota
    return Quota(quota=limit, used=used, remaining=None if limit is None else limit - used, reset_date=reset)
