// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures how long a dump of a dict table keeps others from writing.
 *
 * usage: dict-stall [ROWS [SECONDS [netlink|proc]]]
 *
 * A process of real-time priority wakes up every half millisecond and writes
 * one row, first alone and then while another process dumps the table over and
 * over (default: 100,000 rows of 10 fields, 5 seconds each). With more than one
 * CPU, each process has its own. Prints a line for each figure: name, value in
 * nanoseconds:
 *
 * - how late writes are acknowledged, counted from when the writer should wake
 *   up. This includes delays by other load and, if both processes share a CPU,
 *   the wait until the dumper gives it up, as the kernel need not preempt it
 * - the longest write that slept, as one that waits for a mutex does
 * - the longest of the dumper's system calls, which is how long it may keep its
 *   CPU. Each call is timed in twenty dumps and its shortest time taken, to
 *   leave out other load
 *
 * Exit status 1 if one of the last two is over a millisecond.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_dict.h>

#define FIELDS		10
#define PERIOD_NS	500000
#define LIMIT_NS	1000000
#define PER_MESSAGE	500
#define DUMPS		20
#define CALLS_MAX	65536
#define TABLE		"stall"

struct shared {
	volatile uint64_t dumps;
	volatile uint64_t rows;
	volatile bool	  failed;
};

struct figures {
	uint64_t	*late;
	unsigned int	n;
	uint64_t	worst_write;
	uint64_t	worst_slept;
	unsigned int	slept;
};

static uint64_t calls[CALLS_MAX];	/* by call of a dump: shortest time */
static char message[1 << 20];
static unsigned int seq;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);

	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static struct mnl_socket *netlink_open(void)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_NETFILTER);
	int room = 4 << 20;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		err(2, "netlink socket");
	setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_SNDBUFFORCE, &room,
		   sizeof(room));

	return nl;
}

static struct nlmsghdr *header(int type, int flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(message);
	struct nfgenmsg *nfg;

	nlh->nlmsg_type = NFNL_SUBSYS_DICT << 8 | type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++seq;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = AF_UNSPEC;
	nfg->version = NFNETLINK_V0;

	return nlh;
}

static void put_row(struct nlmsghdr *nlh, uint64_t number, uint32_t value)
{
	struct nlattr *row, *key, *fields, *field;
	char name[16];
	int f;

	row = mnl_attr_nest_start(nlh, NFDICTA_ROW);
	key = mnl_attr_nest_start(nlh, NFDICTA_ROW_KEY);
	mnl_attr_put_u64(nlh, NFDICTA_KEY_INT, htobe64(number));
	mnl_attr_nest_end(nlh, key);
	fields = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELDS);
	for (f = 0; f < FIELDS; f++) {
		field = mnl_attr_nest_start(nlh, NFDICTA_ROW_FIELD);
		snprintf(name, sizeof(name), "field%d", f);
		mnl_attr_put_strz(nlh, NFDICTA_FIELD_NAME, name);
		mnl_attr_put_u32(nlh, NFDICTA_FIELD_INT, htonl(value));
		mnl_attr_nest_end(nlh, field);
	}
	mnl_attr_nest_end(nlh, fields);
	mnl_attr_nest_end(nlh, row);
}

/* Sends the message and receives the answer to it. */
static void transact(struct mnl_socket *nl, struct nlmsghdr *nlh)
{
	char buf[8192];
	ssize_t n;

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		err(2, "sendto");
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n < 0 || mnl_cb_run(buf, n, nlh->nlmsg_seq, 0, NULL, NULL) < 0)
		err(2, "a write");
}

static void write_rows(struct mnl_socket *nl, unsigned int first,
		       unsigned int n, uint32_t value)
{
	struct nlmsghdr *nlh = header(NFDICT_MSG_ROW_NEW,
				      NLM_F_CREATE | NLM_F_ACK);

	mnl_attr_put_strz(nlh, NFDICTA_TABLE, TABLE);
	while (n--)
		put_row(nlh, first++, value);
	transact(nl, nlh);
}

/* Binds the process to a CPU of its own, if there are two. */
static void pin(int which)
{
	cpu_set_t all, one;
	int cpu, n = 0;

	if (sched_getaffinity(0, sizeof(all), &all) || CPU_COUNT(&all) < 2)
		return;
	CPU_ZERO(&one);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && n++ == which)
			CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		err(2, "sched_setaffinity");
}

/*
 * The dumper
 */

static int count_row(const struct nlmsghdr *nlh, void *data)
{
	++*(uint64_t *)data;

	return MNL_CB_OK;
}

/* Records a time that the i-th call of a dump took. */
static void timed(unsigned int i, uint64_t ns)
{
	if (i < CALLS_MAX && (!calls[i] || ns < calls[i]))
		calls[i] = ns;
}

static uint64_t dump_netlink(void)
{
	static char buf[1 << 16];
	struct mnl_socket *nl = netlink_open();
	struct nlmsghdr *nlh = header(NFDICT_MSG_ROW_GET, NLM_F_DUMP);
	uint64_t rows = 0, start;
	unsigned int i = 0;
	ssize_t n;
	int rc;

	mnl_attr_put_strz(nlh, NFDICTA_TABLE, TABLE);
	start = now();
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		err(2, "sendto");
	timed(i++, now() - start);
	do {
		start = now();
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		timed(i++, now() - start);
		if (n < 0)
			err(2, "recvfrom");
		rc = mnl_cb_run(buf, n, nlh->nlmsg_seq, 0, count_row, &rows);
		/* EINTR: rows were replaced meanwhile. The dump is complete
		 * nevertheless, unless the table was resized.
		 */
		if (rc < 0 && errno != EINTR)
			err(2, "the dump");
	} while (rc > 0);
	mnl_socket_close(nl);

	return rows;
}

static uint64_t dump_proc(void)
{
	static char buf[1 << 16];
	uint64_t lines = 0, start;
	unsigned int call = 0;
	ssize_t n, i;
	int fd;

	fd = open("/proc/net/dict/all", O_RDONLY);
	if (fd < 0)
		err(2, "/proc/net/dict/all");
	do {
		start = now();
		n = read(fd, buf, sizeof(buf));
		timed(call++, now() - start);
		for (i = 0; i < n; i++)
			lines += buf[i] == '\n';
	} while (n > 0);
	if (n < 0)
		err(2, "/proc/net/dict/all");
	close(fd);

	return lines / FIELDS;
}

static void dumper(struct shared *shared, unsigned int rows, bool proc)
{
	uint64_t n;

	pin(1);
	for (;;) {
		n = proc ? dump_proc() : dump_netlink();
		if (n < rows)
			shared->failed = true;
		shared->rows += n;
		shared->dumps++;
	}
}

/*
 * The writer
 */

static void sleep_until(uint64_t when)
{
	struct timespec t = {
		.tv_sec		= when / 1000000000,
		.tv_nsec	= when % 1000000000,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) ==
	       EINTR)
		;
}

static void writer(struct mnl_socket *nl, unsigned int rows,
		   unsigned int seconds, struct figures *f)
{
	uint64_t start = now(), due = start, begun, done;
	unsigned int max = seconds * (1000000000 / PERIOD_NS);
	struct rusage before, after;
	bool slept;

	memset(f, 0, sizeof(*f));
	f->late = calloc(max, sizeof(*f->late));
	if (!f->late)
		err(2, "calloc");
	while (f->n < max && now() < start + seconds * 1000000000ULL) {
		due += PERIOD_NS;
		/* A late write must not make those after it late. */
		if (due < now())
			due = now() + PERIOD_NS;
		sleep_until(due);
		getrusage(RUSAGE_THREAD, &before);
		begun = now();
		write_rows(nl, f->n * 7919ULL % rows, 1, f->n);
		done = now();
		getrusage(RUSAGE_THREAD, &after);

		slept = after.ru_nvcsw > before.ru_nvcsw;
		f->slept += slept;
		if (slept && done - begun > f->worst_slept)
			f->worst_slept = done - begun;
		if (done - begun > f->worst_write)
			f->worst_write = done - begun;
		f->late[f->n++] = done - due;
	}
	qsort(f->late, f->n, sizeof(*f->late), compare);
}

static uint64_t rank(const struct figures *f, double part)
{
	unsigned int i = f->n * part;

	return f->late[i < f->n ? i : f->n - 1];
}

static void report(const char *what, const struct figures *f)
{
	printf("write-%s-late-median %lu\n", what, (unsigned long)rank(f, 0.5));
	printf("write-%s-late-999th %lu\n", what, (unsigned long)rank(f, 0.999));
	printf("write-%s-late-9999th %lu\n", what, (unsigned long)rank(f, 0.9999));
	printf("write-%s-late-worst %lu\n", what, (unsigned long)rank(f, 1));
	printf("write-%s-itself-worst %lu\n", what, (unsigned long)f->worst_write);
	printf("write-%s-slept-worst %lu\n", what, (unsigned long)f->worst_slept);
	printf("# %u writes %s, of which %u slept\n", f->n, what, f->slept);
	fflush(stdout);
}

int main(int argc, char *argv[])
{
	unsigned int rows = argc > 1 ? atoi(argv[1]) : 100000;
	unsigned int seconds = argc > 2 ? atoi(argv[2]) : 5;
	struct sched_param priority = { .sched_priority = 1 };
	bool proc = argc > 3 && !strcmp(argv[3], "proc");
	struct figures alone, beside;
	uint64_t start, longest = 0;
	struct shared *shared;
	struct mnl_socket *nl;
	unsigned int i, n;
	pid_t child;

	if (!rows || !seconds || (argc > 3 && !proc && strcmp(argv[3], "netlink")))
		errx(2, "usage: dict-stall [ROWS [SECONDS [netlink|proc]]]");
	if (unshare(CLONE_NEWNET))
		err(2, "unshare");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(2, "mmap");

	nl = netlink_open();
	for (i = 0; i < rows; i += n) {
		n = rows - i < PER_MESSAGE ? rows - i : PER_MESSAGE;
		write_rows(nl, i, n, 0);
	}
	/* Let the resize of the table end. */
	sleep(1);

	for (i = 0; i < DUMPS; i++)
		if ((proc ? dump_proc() : dump_netlink()) < rows)
			errx(2, "a dump lacked rows");
	for (i = 0; i < CALLS_MAX && calls[i]; i++)
		if (calls[i] > longest)
			longest = calls[i];
	printf("dump-call-longest %lu\n# of %u calls\n",
	       (unsigned long)longest, i);

	pin(0);
	if (sched_setscheduler(0, SCHED_FIFO, &priority))
		err(2, "sched_setscheduler");
	writer(nl, rows, seconds, &alone);
	report("alone", &alone);

	child = fork();
	if (child < 0)
		err(2, "fork");
	if (!child) {
		priority.sched_priority = 0;
		if (sched_setscheduler(0, SCHED_OTHER, &priority))
			err(2, "sched_setscheduler");
		dumper(shared, rows, proc);
	}
	start = now();
	writer(nl, rows, seconds, &beside);
	/* Wait until at least one dump has begun and ended. */
	while (!shared->dumps && !waitpid(child, NULL, WNOHANG))
		usleep(1000);
	report("beside-dump", &beside);
	printf("# %lu dumps of %u rows, one in %.1f ms\n",
	       (unsigned long)shared->dumps, rows,
	       shared->dumps ? (now() - start) / 1e6 / shared->dumps : 0);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (!shared->dumps || shared->failed)
		errx(2, "a dump failed or lacked rows");

	if (longest > LIMIT_NS || beside.worst_slept > LIMIT_NS) {
		printf("# a dump keeps others from writing for over a millisecond\n");
		return 1;
	}

	return 0;
}
