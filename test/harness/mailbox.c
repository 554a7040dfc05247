/* A mail server on loopback. */
#include "harness/mailbox.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64.h"

struct Mailbox {
    MailboxSetup setup;
    int fd, port;
    pthread_t thread;
    pthread_mutex_t mutex;
    int count, asked;
    char letters[MAILBOX_LETTERS][MAILBOX_BYTES], people[MAILBOX_LETTERS][400];
};

typedef struct Talk {
    Mailbox *mailbox;
    FILE *in;
    int fd;
    char people[400];
    bool is_known;
} Talk;

static void say(const Talk *talk, const char *line)
{
    if (send(talk->fd, line, strlen(line), MSG_NOSIGNAL) < 0)
        return;
}

/* What stands between < and > is added to who it is from and to. */
static void person_add(Talk *talk, const char *line)
{
    const char *open = strchr(line, '<'), *shut = open ? strchr(open, '>') : NULL;
    size_t had = strlen(talk->people);

    if (shut && had + (size_t)(shut - open) + 2 < sizeof(talk->people))
        snprintf(
            talk->people + had, sizeof(talk->people) - had, "%s%.*s", had ? " " : "",
            (int)(shut - open - 1), open + 1);
}

static void letter_take(Talk *talk)
{
    Mailbox *mailbox = talk->mailbox;
    char line[2048], refusal[80];
    size_t size = 0;

    say(talk, "354 Go on\r\n");
    pthread_mutex_lock(&mailbox->mutex);
    bool is_refused = mailbox->asked++ < mailbox->setup.refuse;
    char *letter =
        mailbox->count < MAILBOX_LETTERS && !is_refused ? mailbox->letters[mailbox->count] : NULL;
    while (fgets(line, sizeof(line), talk->in) && strcmp(line, ".\r\n") != 0) {
        const char *text = line[0] == '.' ? line + 1 : line;
        size_t length = strlen(text);

        if (letter && size + length < MAILBOX_BYTES) {
            memcpy(letter + size, text, length + 1);
            size += length;
        }
    }
    if (letter) {
        memcpy(mailbox->people[mailbox->count], talk->people, sizeof(talk->people));
        mailbox->count++;
    }
    pthread_mutex_unlock(&mailbox->mutex);
    talk->people[0] = 0;
    snprintf(refusal, sizeof(refusal), "%d Not now\r\n", mailbox->setup.status);
    say(talk, is_refused ? refusal : "250 Taken\r\n");
}

static void login_take(Talk *talk, char *line, int size)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *password = talk->mailbox->setup.password;
    const char *words = arena_print(mem, "%cshop%c%s", 1, 1, password ? password : "");
    char *whole = arena_text(mem, words);
    size_t length = strlen(words);

    for (size_t i = 0; i < length; i++)
        if (whole[i] == 1)
            whole[i] = 0;
    const char *want = arena_print(mem, "%s\r\n", base64_text(whole, length, mem));
    say(talk, "334 \r\n");
    talk->is_known = fgets(line, size, talk->in) && password && strcmp(line, want) == 0;
    say(talk, talk->is_known ? "235 Welcome\r\n" : "535 Who are you?\r\n");
}

static void talk_with(Mailbox *mailbox, int fd)
{
    Talk talk = {.mailbox = mailbox, .in = fdopen(fd, "r"), .fd = fd};
    char line[2048];

    if (!talk.in)
        abort();
    say(&talk, "220 mailbox\r\n");
    while (fgets(line, sizeof(line), talk.in)) {
        bool may = talk.is_known || !mailbox->setup.password;

        if (strncasecmp(line, "EHLO", 4) == 0)
            say(&talk, mailbox->setup.password ? "250-mailbox\r\n250 AUTH PLAIN\r\n"
                                               : "250-mailbox\r\n250 8BITMIME\r\n");
        else if (strncasecmp(line, "AUTH", 4) == 0)
            login_take(&talk, line, sizeof(line));
        else if (strncasecmp(line, "QUIT", 4) == 0)
            break;
        else if (!may)
            say(&talk, "530 Say who you are\r\n");
        else if (strncasecmp(line, "DATA", 4) == 0)
            letter_take(&talk);
        else {
            person_add(&talk, line);
            say(&talk, "250 Fine\r\n");
        }
    }
    fclose(talk.in);
}

static void *serve(void *mailbox_any)
{
    Mailbox *mailbox = mailbox_any;

    for (int fd; (fd = accept(mailbox->fd, NULL, NULL)) >= 0;)
        talk_with(mailbox, fd);
    return NULL;
}

Mailbox *mailbox_start(const MailboxSetup *setup)
{
    Mailbox *mailbox = calloc(1, sizeof(*mailbox));
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(at);

    if (!mailbox)
        abort();
    mailbox->setup = *setup;
    mailbox->mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    mailbox->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(mailbox->fd, (struct sockaddr *)&at, size) != 0 || listen(mailbox->fd, 8) != 0 ||
        getsockname(mailbox->fd, (struct sockaddr *)&at, &size) != 0 ||
        pthread_create(&mailbox->thread, NULL, serve, mailbox) != 0)
        abort();
    mailbox->port = ntohs(at.sin_port);
    return mailbox;
}

void mailbox_stop(Mailbox *mailbox)
{
    if (!mailbox)
        return;
    shutdown(mailbox->fd, SHUT_RDWR);
    pthread_join(mailbox->thread, NULL);
    close(mailbox->fd);
    free(mailbox);
}

int mailbox_port(const Mailbox *mailbox)
{
    return mailbox->port;
}

int mailbox_count(Mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->mutex);
    int count = mailbox->count;
    pthread_mutex_unlock(&mailbox->mutex);
    return count;
}

const char *mailbox_letter(Mailbox *mailbox, int number)
{
    return mailbox->letters[number];
}

const char *mailbox_people(Mailbox *mailbox, int number)
{
    return mailbox->people[number];
}
