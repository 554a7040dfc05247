/* The vendors as this house has them set up: who is there, in what order, and how they are. */
#include <string.h>

#include "base/clock.h"
#include "vendor/core_priv.h"
#include "vendor/vendor.h"
#include "watch/watch.h"

enum {
    GUESTS_MOST = 256
};

/* What a tenant's own key was told about its rate; the one used longest ago makes place. */
typedef struct GuestPace {
    Hash secret;
    int64_t turn; /* when it was used last; 0: never */
    Pace pace;
} GuestPace;

Pace *vendors_pace(Vendors *vendors, const char *secret)
{
    Hash hash = hash_bytes(secret, strlen(secret));

    pthread_mutex_lock(&vendors->mutex);
    GuestPace *found = &vendors->guests[0];
    for (int i = 0; i < GUESTS_MOST && !hash_equal(found->secret, hash); i++) {
        GuestPace *guest = &vendors->guests[i];

        if (hash_equal(guest->secret, hash) || guest->turn < found->turn)
            found = guest;
    }
    if (!hash_equal(found->secret, hash)) {
        found->secret = hash;
        pace_forget(&found->pace);
    }
    found->turn = ++vendors->guest_turns;
    pthread_mutex_unlock(&vendors->mutex);
    return &found->pace;
}

enum {
    LOOK_MS = 15 * 1000
};

/* ---- opening ---- */

static const VendorKey *key_of(const VendorKey *keys, const char *vendor)
{
    for (const VendorKey *key = keys; key && key->vendor; key++)
        if (strcmp(key->vendor, vendor) == 0 &&
            ((key->secret && *key->secret) || (key->base_url && *key->base_url)))
            return key;
    return NULL;
}

static void agent_init(Agent *agent, const Vendor *vendor, const VendorsSetup *setup, Arena *mem)
{
    const VendorKey *key = key_of(setup->keys, vendor->name);
    bool is_elsewhere = key && key->base_url && *key->base_url;

    *agent = (Agent){
        .vendor = vendor,
        .secret = key && key->secret && *key->secret ? arena_text(mem, key->secret) : NULL,
        .base_url = is_elsewhere ? arena_text(mem, key->base_url) : vendor->base_url,
        .model = key && key->model && *key->model ? arena_text(mem, key->model) : NULL,
        .has_key = key != NULL, /* servers of one's own need not have any */
        .credits = -1,
        .mutex = PTHREAD_MUTEX_INITIALIZER,
    };
    gate_init(&agent->gate, vendor->name, vendor->most_at_once);
    pace_init(&agent->pace);
}

Agent *vendors_agent(const Vendors *vendors, const char *name)
{
    for (size_t i = 0; i < vendors->agent_count; i++)
        if (strcmp(vendors->agents[i].vendor->name, name) == 0)
            return &vendors->agents[i];
    return NULL;
}

const char *agent_model(const Agent *agent, Ability ability)
{
    const char *usual = agent->vendor->usual[ability];

    return usual && agent->model ? agent->model : usual;
}

/* "fal, openai": who has ABILITY. */
static const char *names_with(const Vendors *vendors, Ability ability, Arena *mem)
{
    const char *names = "";

    for (size_t i = 0; i < vendors->agent_count; i++)
        if (vendors->agents[i].vendor->usual[ability])
            names = arena_print(
                mem, "%s%s%s", names, *names ? ", " : "", vendors->agents[i].vendor->name);
    return *names ? names : "none";
}

static MUST Err *route_check(const Vendors *vendors, Ability ability, const char *name)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const Agent *agent = vendors_agent(vendors, name);

    if (!agent || !agent->vendor->usual[ability])
        return err_public(
            err_new(
                ERR_INPUT_INVALID, "vendor '%s' %s", name,
                agent ? "cannot do what it is set for" : "is not known"),
            "'%s' cannot be set for %s. There are: %s.", name, ability_names[ability],
            names_with(vendors, ability, mem));
    if (!agent->has_key)
        return err_public(
            err_new(ERR_INPUT_INVALID, "vendor '%s' has no key", name),
            "'%s' is set for %s but has no key. Set %s.", name, ability_names[ability],
            agent->vendor->key_name);
    return NULL;
}

static MUST Err *routes_read(const VendorsSetup *setup, Vendors *vendors)
{
    for (int ability = 0; ability < ABILITY_MAX_; ability++) {
        const Texts *given = &setup->routes[ability];
        const char **names = ARENA_ARRAY(vendors->mem, const char *, given->count + 1);

        for (size_t i = 0; i < given->count; i++) {
            TRY(route_check(vendors, (Ability)ability, given->items[i]));
            names[i] = vendors_agent(vendors, given->items[i])->vendor->name;
        }
        vendors->routes[ability] = (Texts){names, given->count};
    }
    return NULL;
}

Err *vendors_open(const VendorsSetup *setup, Vendors **ret)
{
    Arena *mem = arena_new();
    AUTO(vendors_close) Vendors *vendors = arena_take(mem, sizeof(*vendors));
    size_t count = 0;

    while (vendor_list[count])
        count++;
    *vendors = (Vendors){
        .mem = mem,
        .net = setup->net,
        .agents = ARENA_ARRAY(mem, Agent, count + 1),
        .agent_count = count,
        .hook_url = arena_text(mem, setup->hook_url),
        .journal = setup->journal,
        .guests = ARENA_ARRAY(mem, GuestPace, GUESTS_MOST),
        .mutex = PTHREAD_MUTEX_INITIALIZER,
    };
    for (int i = 0; i < GUESTS_MOST; i++)
        pace_init(&vendors->guests[i].pace);
    for (size_t i = 0; i < count; i++)
        agent_init(&vendors->agents[i], vendor_list[i], setup, mem);
    TRY(routes_read(setup, vendors));
    *ret = TAKE(vendors);
    return NULL;
}

void vendors_close(Vendors *vendors)
{
    if (!vendors)
        return;
    for (size_t i = 0; i < vendors->agent_count; i++) {
        gate_done(&vendors->agents[i].gate);
        pace_done(&vendors->agents[i].pace);
        pthread_mutex_destroy(&vendors->agents[i].mutex);
    }
    for (int i = 0; i < GUESTS_MOST; i++)
        pace_done(&vendors->guests[i].pace);
    pthread_mutex_destroy(&vendors->mutex);
    arena_free(vendors->mem);
}

/* ---- what can be said without asking ---- */

bool vendors_serve(const Vendors *vendors, Ability ability)
{
    return vendors && vendors->routes[ability].count > 0;
}

static const char *model_at(const Agent *agent, const VendorAsk *ask, bool is_first)
{
    return ask->model && is_first ? ask->model : agent_model(agent, ask->ability);
}

Texts vendors_route(const Vendors *vendors, Ability ability)
{
    return vendors ? vendors->routes[ability] : (Texts){0};
}

bool vendor_can(const char *name, Ability ability)
{
    for (size_t i = 0; vendor_list[i]; i++)
        if (strcmp(vendor_list[i]->name, name) == 0)
            return vendor_list[i]->usual[ability] != NULL;
    return false;
}

/* Whom ASK would go to now: the first that is not left alone. NULL for nobody. */
static Agent *agent_expected(const Vendors *vendors, const VendorAsk *ask, bool *ret_is_first)
{
    const Texts *route = &vendors->routes[ask->ability];
    Agent *first = NULL;
    int64_t open_ms;
    int under_way;

    *ret_is_first = true;
    if (ask->vendor) {
        Agent *agent = vendors_agent(vendors, ask->vendor);

        return agent && agent->vendor->usual[ask->ability] ? agent : NULL;
    }
    for (size_t i = 0; i < route->count; i++) {
        Agent *agent = vendors_agent(vendors, route->items[i]);

        if (!first)
            first = agent;
        *ret_is_first = agent == first;
        if (gate_state(&agent->gate, &open_ms, &under_way) != BREAKER_OPEN)
            return agent;
    }
    *ret_is_first = true;
    return first;
}

Err *vendors_quote(const Vendors *vendors, const VendorAsk *ask, VendorQuote *ret)
{
    bool is_first = true;
    const Agent *agent = vendors ? agent_expected(vendors, ask, &is_first) : NULL;

    if (!agent)
        return err_new(
            ERR_VENDOR_MISSING, "nobody is set up to %s pictures", ability_names[ask->ability]);
    price_expected(agent->vendor, model_at(agent, ask, is_first), ask, ret);
    return NULL;
}

Err *vendors_reach(const Vendors *vendors, const VendorAsk *ask, Arena *mem, const char **ret_model)
{
    const Agent *agent = vendors && ask->vendor ? vendors_agent(vendors, ask->vendor) : NULL;
    const char *own = NULL;

    *ret_model = NULL;
    if (!agent || !agent->vendor->usual[ask->ability])
        return NULL;
    if (!agent->has_key && ask->tenant_id && vendors->journal.tenant_key)
        TRY(vendors->journal.tenant_key(
            vendors->journal.context, ask->tenant_id, agent->vendor->name, mem, &own));
    if (agent->has_key || own)
        *ret_model = agent->model ? agent->model
                     : ask->model ? ask->model
                                  : agent_model(agent, ask->ability);
    return NULL;
}

void vendors_identify(const Vendors *vendors, Ability ability, Hasher *hasher)
{
    size_t count = vendors ? vendors->routes[ability].count : 0;

    hasher_add_number(hasher, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        const Agent *agent = vendors_agent(vendors, vendors->routes[ability].items[i]);

        hasher_add_text(hasher, agent->vendor->name);
        hasher_add_text(hasher, agent_model(agent, ability));
        hasher_add_text(hasher, agent->base_url);
    }
}

/* ---- how they are ---- */

static const Field VendorState_fields[] = {
    {FIELD_TEXT(VendorState, name), .help = "What settings call it"},
    {FIELD_TEXT(VendorState, title), .help = "Its name for people"},
    {FIELD_TEXT(VendorState, site), .help = "Where it is on the web", .format = "uri"},
    {FIELD_TEXTS(VendorState, abilities), .help = "What it can do"},
    {FIELD_BOOL(VendorState, has_key), .help = "Has the studio a key for it?"},
    {FIELD_TEXT(VendorState, breaker),
     .help = "'open' while it is left alone because it kept failing, 'half_open' while one request "
             "sees whether it is well again, else 'closed'"},
    {FIELD_TIME(VendorState, open_until_ms), .name = "open_until",
     .help = "Until when it is left alone", .nullable = true},
    {FIELD_INT(VendorState, under_way), .help = "Requests it is working on now"},
    {FIELD_INT(VendorState, asked), .help = "Requests since the program was started"},
    {FIELD_INT(VendorState, failed), .help = "Those of them that failed"},
    {FIELD_INT(VendorState, limit),
     .help = "Its limit of requests, as it last said; -1 when it does not say"},
    {FIELD_INT(VendorState, remaining),
     .help = "What is left of the limit; -1 when it does not say"},
    {FIELD_NUMBER(VendorState, credits), .min = -1,
     .help = "Credits of its own that are left on the account there; -1 when it does not say"},
    {FIELD_INT(VendorState, cost_micro_usd),
     .help = "What it cost since the program was started, in millionths of a US dollar"},
    {FIELD_TEXT(VendorState, trouble), .help = "What went wrong last", .nullable = true},
    {FIELD_TIME(VendorState, trouble_ms), .name = "trouble_at", .help = "When that was",
     .nullable = true},
    {FIELD_END},
};

const Shape vendor_state_shape = SHAPE(VendorState);

static Texts abilities_of(const Vendor *vendor, Arena *mem)
{
    Texts texts = {ARENA_ARRAY(mem, const char *, ABILITY_MAX_), 0};

    for (int ability = 0; ability < ABILITY_MAX_; ability++)
        if (vendor->usual[ability])
            texts.items[texts.count++] = ability_names[ability];
    return texts;
}

static VendorState state_of(Agent *agent, Arena *mem)
{
    int64_t open_ms, limit, remaining;
    int under_way;
    BreakerState breaker = gate_state(&agent->gate, &open_ms, &under_way);

    pace_look(&agent->pace, &limit, &remaining);
    pthread_mutex_lock(&agent->mutex);
    VendorState state = {
        .name = agent->vendor->name,
        .title = agent->vendor->title,
        .site = agent->vendor->site,
        .abilities = abilities_of(agent->vendor, mem),
        .has_key = agent->has_key,
        .breaker = breaker_states[breaker],
        .open_until_ms = open_ms ? clock_now_ms() + open_ms : 0,
        .under_way = under_way,
        .asked = agent->asked,
        .failed = agent->failed,
        .limit = limit,
        .remaining = remaining,
        .credits = agent->credits,
        .cost_micro_usd = agent->cost_micro_usd,
        .trouble = agent->trouble_ms ? arena_text(mem, agent->trouble) : NULL,
        .trouble_ms = agent->trouble_ms,
    };
    pthread_mutex_unlock(&agent->mutex);
    return state;
}

void vendors_states(Vendors *vendors, Arena *mem, List *ret)
{
    size_t count = vendors ? vendors->agent_count : 0;
    VendorState *states = ARENA_ARRAY(mem, VendorState, count + 1);

    for (size_t i = 0; i < count; i++)
        states[i] = state_of(&vendors->agents[i], mem);
    *ret = (List){states, count};
}

static MUST Err *credits_ask(VendorLine *line, double *ret)
{
    const Value *credits = NULL;

    TRY(line->agent->vendor->credits(line, &credits));
    if (value_kind(credits) != VALUE_INT && value_kind(credits) != VALUE_NUMBER)
        return line_nonsense(line, "no number of credits");
    *ret = value_number(credits);
    return NULL;
}

static void agent_look(Vendors *vendors, Agent *agent, const Cancel *cancel)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const Vendor *vendor = agent->vendor;
    const VendorAsk ask = {.ability = ABILITY_GENERATE, .total_ms = LOOK_MS, .cancel = cancel};
    VendorLine line = line_at(vendors, agent, &ask, mem);
    double credits;
    AUTO(err_free) Err *err = credits_ask(&line, &credits);

    if (err) {
        watch_err("vendor.credits", err, vendor->name);
        return;
    }
    pthread_mutex_lock(&agent->mutex);
    agent->credits = credits;
    pthread_mutex_unlock(&agent->mutex);
    if (credits < vendor->low_credits)
        watch(
            WATCH_WARN, "vendor.credits_low", WATCH_TEXT("vendor", vendor->name),
            WATCH_INT("credits", (int64_t)credits));
}

void vendors_look(Vendors *vendors, const Cancel *cancel)
{
    for (size_t i = 0; vendors && i < vendors->agent_count; i++)
        if (vendors->agents[i].has_key && vendors->agents[i].vendor->credits)
            agent_look(vendors, &vendors->agents[i], cancel);
}

/* ---- webhooks ---- */

Err *vendors_hook(Vendors *vendors, const VendorHook *hook, Arena *mem, const char **ret_request)
{
    Agent *agent = vendors ? vendors_agent(vendors, hook->vendor) : NULL;
    static const VendorAsk nothing = {.ability = ABILITY_GENERATE, .total_ms = HOOK_KEYS_MS};

    if (!agent || !agent->vendor->hook || !agent->has_key)
        return err_new(ERR_NOT_FOUND, "no vendor sends webhooks to this address");
    VendorLine line = line_at(vendors, agent, &nothing, mem);
    return agent->vendor->hook(&line, hook, mem, ret_request);
}
