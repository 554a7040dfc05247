/* Waking those who wait for a topic: ears in this process, by name. */
#include <string.h>

#include "base/clock.h"
#include "db/db_priv.h"

typedef struct Topic {
    struct Topic *next;
    uint64_t hash;
    DbEar *ears; /* at least one */
    char name[];
} Topic;

struct DbEar {
    Db *db;
    Topic *topic;
    DbEar *next, *due_next;
    pthread_cond_t rung;
    bool is_rung;
    bool is_due;     /* in the hub's row of those to be told */
    bool is_telling; /* heard() runs, on the thread `teller` */
    bool is_again;   /* rung meanwhile */
    pthread_t teller;
    void (*heard)(void *context);
    void *context;
};

struct Hub {
    pthread_mutex_t mutex;
    pthread_cond_t told; /* an ear's heard() has returned */
    DbEar *due;
    Topic *buckets[256];
};

Hub *hub_new(void)
{
    Hub *hub = calloc(1, sizeof(*hub));

    if (!hub)
        abort();
    pthread_mutex_init(&hub->mutex, NULL);
    clock_cond_init(&hub->told);
    return hub;
}

void hub_free(Hub *hub)
{
    if (!hub)
        return;

    pthread_cond_destroy(&hub->told);
    pthread_mutex_destroy(&hub->mutex);
    free(hub);
}

/* Where the topic is, or where it would be. */
static Topic **topic_find(Hub *hub, const char *name)
{
    uint64_t hash = kept_hash(name);
    Topic **at = &hub->buckets[hash % COUNT(hub->buckets)];

    while (*at && ((*at)->hash != hash || strcmp((*at)->name, name) != 0))
        at = &(*at)->next;
    return at;
}

static Topic *topic_new(const char *name)
{
    size_t size = strlen(name) + 1;
    Topic *topic = calloc(1, sizeof(*topic) + size);

    if (!topic)
        abort();
    memcpy(topic->name, name, size);
    topic->hash = kept_hash(name);
    return topic;
}

/* ---- telling ---- */

static void due_add(Hub *hub, DbEar *ear)
{
    if (ear->is_due || !ear->heard)
        return;
    ear->is_due = true;
    ear->due_next = hub->due;
    hub->due = ear;
}

static void due_remove(Hub *hub, DbEar *ear)
{
    for (DbEar **at = &hub->due; *at; at = &(*at)->due_next)
        if (*at == ear) {
            *at = ear->due_next;
            break;
        }
    ear->is_due = false;
}

static void ear_tell(Hub *hub, DbEar *ear)
{
    void (*heard)(void *) = ear->heard;
    void *context = ear->context;
    DbTx mark;

    ear->is_rung = false;
    ear->is_telling = true;
    ear->teller = pthread_self();
    pthread_mutex_unlock(&hub->mutex);

    db_thread_enter(&mark, ear->db);
    heard(context);
    db_thread_leave(&mark);

    pthread_mutex_lock(&hub->mutex);
    ear->is_telling = false;
    if (ear->is_again)
        due_add(hub, ear);
    ear->is_again = false;
    pthread_cond_broadcast(&hub->told);
}

/* The mutex is held before and after, not while an ear is told. */
static void due_tell(Hub *hub)
{
    while (hub->due) {
        DbEar *ear = hub->due;

        due_remove(hub, ear);
        if (ear->is_telling)
            ear->is_again = true;
        else
            ear_tell(hub, ear);
    }
}

static void topic_ring(Hub *hub, Topic *topic)
{
    for (DbEar *ear = topic->ears; ear; ear = ear->next) {
        ear->is_rung = true;
        pthread_cond_broadcast(&ear->rung);
        due_add(hub, ear);
    }
}

void hub_ring(Db *db, const char *name)
{
    Hub *hub = db->hub;

    pthread_mutex_lock(&hub->mutex);
    Topic *topic = *topic_find(hub, name);
    if (topic)
        topic_ring(hub, topic);
    due_tell(hub);
    pthread_mutex_unlock(&hub->mutex);
}

void hub_ring_each(Db *db, const Buf *topics)
{
    const char *at = (const char *)topics->bytes, *end = at + topics->size;

    for (; at < end; at += strlen(at) + 1)
        hub_ring(db, at);
}

void hub_ring_all(Db *db)
{
    Hub *hub = db->hub;

    pthread_mutex_lock(&hub->mutex);
    for (size_t i = 0; i < COUNT(hub->buckets); i++)
        for (Topic *topic = hub->buckets[i]; topic; topic = topic->next)
            topic_ring(hub, topic);
    due_tell(hub);
    pthread_mutex_unlock(&hub->mutex);
}

/* ---- listening ---- */

DbEar *db_listen(Db *db, const char *name)
{
    Hub *hub = db->hub;
    DbEar *ear = calloc(1, sizeof(*ear));

    if (!ear)
        abort();
    ear->db = db;
    clock_cond_init(&ear->rung);

    pthread_mutex_lock(&hub->mutex);
    Topic **at = topic_find(hub, name);
    if (!*at)
        *at = topic_new(name);
    ear->topic = *at;
    ear->next = ear->topic->ears;
    ear->topic->ears = ear;
    pthread_mutex_unlock(&hub->mutex);

    if (db->driver->hear)
        db->driver->hear(db);
    return ear;
}

static void topic_leave(Hub *hub, DbEar *ear)
{
    Topic *topic = ear->topic;

    for (DbEar **at = &topic->ears; *at; at = &(*at)->next)
        if (*at == ear) {
            *at = ear->next;
            break;
        }
    if (!topic->ears) {
        *topic_find(hub, topic->name) = topic->next;
        free(topic);
    }
}

void db_ear_watch(DbEar *ear, void (*heard)(void *context), void *context)
{
    Hub *hub = ear->db->hub;

    pthread_mutex_lock(&hub->mutex);
    ear->heard = NULL;
    due_remove(hub, ear);
    while (ear->is_telling && !pthread_equal(ear->teller, pthread_self()))
        pthread_cond_wait(&hub->told, &hub->mutex);

    ear->heard = heard;
    ear->context = context;
    if (ear->is_rung)
        due_add(hub, ear);
    due_tell(hub);
    pthread_mutex_unlock(&hub->mutex);
}

void db_ear_free(DbEar *ear)
{
    if (!ear)
        return;

    Hub *hub = ear->db->hub;

    db_ear_watch(ear, NULL, NULL);
    pthread_mutex_lock(&hub->mutex);
    topic_leave(hub, ear);
    pthread_mutex_unlock(&hub->mutex);
    pthread_cond_destroy(&ear->rung);
    free(ear);
}

static void ear_stir(void *ear_any)
{
    DbEar *ear = ear_any;

    pthread_mutex_lock(&ear->db->hub->mutex);
    pthread_cond_broadcast(&ear->rung);
    pthread_mutex_unlock(&ear->db->hub->mutex);
}

bool db_wait(DbEar *ear, int64_t timeout_ms, Cancel *cancel)
{
    Hub *hub = ear->db->hub;
    CancelHook hook = {.stop = ear_stir, .work = ear};
    int64_t end_ms = clock_ticks_ms() + MAX(timeout_ms, 0);

    if (cancel && cancel->deadline_ms)
        end_ms = MIN(end_ms, cancel->deadline_ms);

    cancel_hook_add(cancel, &hook);
    pthread_mutex_lock(&hub->mutex);
    while (!ear->is_rung && !cancel_is_asked(cancel) && clock_ticks_ms() < end_ms)
        clock_cond_wait(&ear->rung, &hub->mutex, end_ms);
    bool is_rung = ear->is_rung;
    ear->is_rung = false;
    pthread_mutex_unlock(&hub->mutex);
    cancel_hook_remove(cancel, &hook);
    return is_rung;
}
