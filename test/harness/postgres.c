/* A PostgreSQL of our own, for tests. */
#include "harness/postgres.h"

#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

static struct {
    bool is_started;
    pid_t pid;
    char folder[256]; /* its own copy: those of tests come and go */
    char bin[256];
    int databases;        /* so many were made */
    int free[8], emptied; /* numbers of those that may be given again */
} server;

/* The newest that Debian has put there. */
static bool programs_find(void)
{
    glob_t found = {0};
    bool is_there = glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0;

    if (is_there)
        snprintf(
            server.bin, sizeof(server.bin), "%.*s",
            (int)(strlen(found.gl_pathv[found.gl_pathc - 1]) - strlen("/initdb")),
            found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return is_there;
}

/* Neither initdb nor the server runs as root. */
static const struct passwd *other_user(void)
{
    return getuid() == 0 ? getpwnam("postgres") : NULL;
}

static pid_t program_start(const char *name, const char *const *args)
{
    char path[512];
    const struct passwd *user = other_user();
    pid_t parent = getpid(), pid;

    snprintf(path, sizeof(path), "%s/%s", server.bin, name);
    pid = fork();
    if (pid != 0)
        return pid;

    int quiet = open("/dev/null", O_RDWR);
    dup2(quiet, 0);
    dup2(quiet, 1);
    dup2(quiet, 2);
    if (user && (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(127);
    /* after the change of user, which forgets it */
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() != parent || chdir("/") != 0)
        _exit(127);
    execv(path, (char *const *)args);
    _exit(127);
}

static void server_end(void)
{
    if (server.pid > 0) {
        kill(server.pid, SIGQUIT); /* at once, and no matter what it leaves */
        waitpid(server.pid, NULL, 0);
    }
    server.pid = 0;
    if (server.folder[0])
        test_folder_remove(server.folder);
}

static void address_write(char *url, size_t size, const char *database)
{
    snprintf(url, size, "postgresql://postgres@/%s?host=%s", database, server.folder);
}

static PGconn *operator_connect(const char *url)
{
    PGconn *link = PQconnectdb(url);

    if (PQstatus(link) == CONNECTION_OK)
        return link;
    PQfinish(link);
    return NULL;
}

static bool server_answers(void)
{
    char url[512];
    PGconn *link;

    address_write(url, sizeof(url), "postgres");
    link = operator_connect(url);
    PQfinish(link);
    return link;
}

static const char *cluster_make(void)
{
    static char data[512];
    const struct passwd *user = other_user();
    int status = -1;

    snprintf(server.folder, sizeof(server.folder), "%s", test_folder());
    if (user && chown(server.folder, user->pw_uid, user->pw_gid) != 0)
        return NULL;
    snprintf(data, sizeof(data), "%s/data", server.folder);
    pid_t pid = program_start(
        "initdb", (const char *const[]){
                      "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                      "--locale=C.UTF-8", "--no-sync", NULL});
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? data : NULL;
}

static bool server_start(void)
{
    const struct timespec pause = {0, 20 * 1000000};
    const char *data = cluster_make();

    if (!data)
        return false;
    server.pid = program_start(
        "postgres", (const char *const[]){
                        "postgres",
                        "-D",
                        data,
                        "-k",
                        server.folder,
                        "-c",
                        "listen_addresses=",
                        "-c",
                        "fsync=off",
                        "-c",
                        "max_connections=60",
                        "-c",
                        "shared_buffers=16MB",
                        "-c",
                        "autovacuum=off",
                        "-c",
                        "deadlock_timeout=50ms",
                        "-c",
                        "client_min_messages=warning",
                        NULL});
    for (int tries = 0; tries < 1500; tries++) {
        if (server_answers())
            return true;
        if (waitpid(server.pid, NULL, WNOHANG) != 0) {
            server.pid = 0;
            return false;
        }
        nanosleep(&pause, NULL);
    }
    return false;
}

static void server_need(void)
{
    if (!programs_find())
        test_skip("PostgreSQL is not installed");
    if (getuid() == 0 && !other_user())
        test_skip("PostgreSQL does not run as root, and there is no user postgres");
    if (!server.is_started) {
        server.is_started = true;
        atexit(server_end);
        if (!server_start())
            server_end();
    }
    if (server.pid <= 0)
        test_fail(__FILE__, __LINE__, "PostgreSQL could not be started");
}

void postgres_operator_run(const char *url, const char *sql)
{
    PGconn *link = operator_connect(url);
    PGresult *result = link ? PQexec(link, sql) : NULL;
    ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;

    PQclear(result);
    PQfinish(link);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        test_fail(__FILE__, __LINE__, "PostgreSQL refused '%s'", sql);
}

/* To make a database takes longer than most tests: one that was emptied serves again. */
void postgres_database_make(char *url, size_t size)
{
    char name[32], sql[128], above[512];

    server_need();
    if (server.emptied > 0) {
        snprintf(name, sizeof(name), "test_%d", server.free[--server.emptied]);
        address_write(url, size, name);
        return;
    }
    snprintf(name, sizeof(name), "test_%d", ++server.databases);
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s", name);
    address_write(above, sizeof(above), "postgres");
    postgres_operator_run(above, sql);
    address_write(url, size, name);
}

void postgres_database_drop(const char *url)
{
    const char *number = strstr(url, "/test_") + strlen("/test_");

    postgres_operator_run(
        url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
             "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    postgres_operator_run(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    if (server.emptied < (int)COUNT(server.free))
        server.free[server.emptied++] = (int)strtol(number, NULL, 10);
}
