// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit stress tests of nf_dict: concurrent reads, writes, changes in place,
 * arithmetic, flush, swap, expiry, dumps and exit of namespaces, for some
 * seconds. For kernels with KASAN, KCSAN or lockdep and at least two CPUs.
 *
 * One test needs network namespaces, which a KUnit test cannot create. Run this
 * meanwhile,
 *
 *	while unshare -n true; do :; done
 *
 * otherwise that test is skipped.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/random.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack_dict.h>

#include "nf_dict_internal.h"
#include "nf_dict_test_packet.h"

static unsigned int seconds = 3;
module_param(seconds, uint, 0644);
MODULE_PARM_DESC(seconds, "how long each test runs (default 3, 0: not at all; KUnit's limit is 300)");

#define STRESS_KEYS	64
/* Keys for changes in place: few, so that threads use the same ones. */
#define STRESS_PLACES	2
#define STRESS_FIELDS	4
#define STRESS_THREADS	8
#define STRESS_TEXTS	4
/* Keys of rows that are created and deleted, beside STRESS_KEYS that stay. */
#define STRESS_TIDE	4000
/* Longest wait for a namespace to end, which takes some grace periods. */
#define STRESS_WAIT	120
/* A timeout longer than any test. */
#define STRESS_FAR_MS	(3600 * MSEC_PER_SEC)

/**
 * struct stress - state that the threads of a test share
 * @a: a table
 * @b: another
 * @more: two more, where a test needs them
 * @fields: names of fields
 * @errors: number of errors
 * @work: steps done, so that a test that did nothing fails
 * @gone: namespaces that ended while a thread worked on their tables
 * @sum: what was added to numbers
 * @bases: threads that have taken a range of ids
 * @twins: threads whose connections have the ids of other threads'
 * @gen: odd while a writer changes what a lookup finds
 * @want: what it finds while @gen is even
 */
struct stress {
	struct nf_dict_table	*a;
	struct nf_dict_table	*b;
	struct nf_dict_table	*more[2];
	struct nf_dict_atom	*fields[STRESS_FIELDS];
	atomic_t		errors;
	atomic_t		work;
	atomic_t		gone;
	atomic64_t		sum;
	atomic_t		bases;
	atomic_t		twins;
	unsigned int		gen;
	unsigned int		want;
};

static struct nf_dict_key stress_key(u64 num)
{
	return (struct nf_dict_key){
		.type	= NF_DICT_KEY_INT,
		.len	= sizeof(u64),
		.num	= num,
	};
}

/* A number with two equal halves. */
static u64 stress_twice(u32 num)
{
	return (u64)num << 32 | num;
}

static void stress_error(struct stress *s, const char *what)
{
	if (atomic_inc_return(&s->errors) <= 5)
		pr_err("nf_dict_stress: %s\n", what);
}

/* Writes the first @n fields of a row, all of them @num. */
static int stress_write(struct stress *s, struct nf_dict_table *table, u64 key,
			unsigned int n, s64 num, u32 flags, u32 timeout)
{
	struct nf_dict_field_value fields[STRESS_FIELDS] = {};
	struct nf_dict_update u = {
		.flags		= flags,
		.timeout	= timeout,
		.nfields	= n,
		.fields		= fields,
	};
	struct nf_dict_key k = stress_key(key);
	char text[24];
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		fields[i].field = s->fields[i];
		fields[i].value.type = NF_DICT_INT64;
		fields[i].value.bits = num;
	}
	/* The last field has the number as a string. */
	if (n > 1) {
		snprintf(text, sizeof(text), "%lld", num);
		err = nf_dict_value_init(&init_net, &fields[n - 1].value,
					 NF_DICT_LONG_STRING, text,
					 strlen(text), GFP_KERNEL);
		if (err) {
			fields[n - 1].value.type = NF_DICT_UNSPEC;
			nf_dict_update_release(&u);
			return err;
		}
	}
	err = nf_dict_row_write(table, &k, &u);
	nf_dict_update_release(&u);

	return err;
}

static void stress_row_is_whole(struct stress *s,
				struct nf_dict_atom *const *fields,
				const struct nf_dict_row *row)
{
	struct nf_dict_value value;
	unsigned int i;
	char text[24];
	s64 num = 0;

	for (i = 0; i < STRESS_FIELDS; i++) {
		if (!nf_dict_row_read(row, fields[i], NULL, &value)) {
			stress_error(s, "a field is missing");
			return;
		}
		if (!i)
			num = nf_dict_value_num(&value);
		if (i < STRESS_FIELDS - 1) {
			if (nf_dict_value_num(&value) != num)
				stress_error(s, "a row is half updated");
			continue;
		}
		snprintf(text, sizeof(text), "%lld", num);
		if (value.type != NF_DICT_LONG_STRING ||
		    strcmp(text, nf_dict_value_atom(&value)->data))
			stress_error(s, "a row's string is of another update");
	}
}

static int stress_writer(void *arg)
{
	struct stress *s = arg;
	unsigned int n = 0;

	while (!kthread_should_stop()) {
		u32 r = get_random_u32();
		u32 flags = NF_DICT_W_CREATE;

		if (r & BIT(20))
			flags |= NF_DICT_W_REPLACE;
		if (r & BIT(21))
			flags |= NF_DICT_W_PACKET;
		if (r & BIT(22))
			flags |= NF_DICT_W_TIMEOUT;
		if (stress_write(s, s->a, r % STRESS_KEYS, STRESS_FIELDS, ++n,
				 flags, 1 + (r >> 24) % 16))
			stress_error(s, "a write failed");
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

static int stress_reader(void *arg)
{
	struct stress *s = arg;
	const struct nf_dict_row *row;
	struct nf_dict_key key;

	while (!kthread_should_stop()) {
		key = stress_key(get_random_u32_below(STRESS_KEYS));
		rcu_read_lock();
		row = nf_dict_row_lookup(s->a, &key);
		if (row) {
			stress_row_is_whole(s, s->fields, row);
			atomic_inc(&s->work);
		}
		rcu_read_unlock();
		cond_resched();
	}

	return 0;
}

static int stress_deleter(void *arg)
{
	struct stress *s = arg;
	struct nf_dict_key key;

	while (!kthread_should_stop()) {
		u32 r = get_random_u32();

		key = stress_key(r % STRESS_KEYS);
		if (r & BIT(30))
			nf_dict_row_delete(s->a, &key);
		else
			nf_dict_row_delete_fields(s->a, &key, s->fields,
						  STRESS_FIELDS);
		if (!(r & 0x3f00))
			nf_dict_table_flush(s->a);
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

static int stress_dumper(void *arg)
{
	struct stress *s = arg;
	const struct nf_dict_row *row;
	struct nf_dict_iter iter;

	while (!kthread_should_stop()) {
		nf_dict_iter_init(&iter, s->a);
		nf_dict_iter_start(&iter);
		while ((row = nf_dict_iter_next(&iter))) {
			stress_row_is_whole(s, s->fields, row);
			if (!(get_random_u32() & 7)) {
				nf_dict_iter_stop(&iter);
				cond_resched();
				nf_dict_iter_start(&iter);
			}
			if (kthread_should_stop())
				break;
		}
		nf_dict_iter_stop(&iter);
		nf_dict_iter_exit(&iter);
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

/* Make a table grow and shrink. */
static int stress_tide(void *arg)
{
	struct stress *s = arg;
	struct nf_dict_key key;
	unsigned int i;

	while (!kthread_should_stop()) {
		unsigned int n = get_random_u32_below(STRESS_TIDE);

		for (i = STRESS_KEYS; i < STRESS_KEYS + n; i++) {
			if (stress_write(s, s->a, i, 1, i, NF_DICT_W_CREATE, 0))
				stress_error(s, "a write failed");
			if (i % 64 == 0)
				cond_resched();
		}
		for (i = STRESS_KEYS; i < STRESS_KEYS + n; i++) {
			key = stress_key(i);
			nf_dict_row_delete(s->a, &key);
			if (i % 64 == 0)
				cond_resched();
		}
		atomic_inc(&s->work);
	}

	return 0;
}

/* List a table: each row that stays once, and no row twice. */
static int stress_lister(void *arg)
{
	struct stress *s = arg;
	const struct nf_dict_row *row;
	struct nf_dict_iter iter;
	struct nf_dict_key key;
	unsigned int i;
	u8 *seen;

	seen = kmalloc(STRESS_KEYS + STRESS_TIDE, GFP_KERNEL);
	while (!kthread_should_stop()) {
		memset(seen, 0, STRESS_KEYS + STRESS_TIDE);
		nf_dict_iter_init(&iter, s->a);
		nf_dict_iter_start(&iter);
		while ((row = nf_dict_iter_next(&iter))) {
			nf_dict_row_key(row, &key);
			if (seen[key.num]++)
				stress_error(s, "a row is listed twice");
			if (!(get_random_u32() & 15)) {
				nf_dict_iter_stop(&iter);
				cond_resched();
				nf_dict_iter_start(&iter);
			}
		}
		nf_dict_iter_stop(&iter);
		for (i = 0; i < STRESS_KEYS; i++)
			if (!seen[i])
				stress_error(s, "a row is not listed");
		if (iter.inconsistent)
			stress_error(s, "a listing gave up");
		nf_dict_iter_exit(&iter);
		atomic_inc(&s->work);
		cond_resched();
	}
	kfree(seen);

	return 0;
}

/* Concurrent updates of a row must not lose additions. */
static int stress_adder(void *arg)
{
	struct nf_dict_key key = stress_key(0);
	struct stress *s = arg;

	while (!kthread_should_stop()) {
		u32 amount = get_random_u32_below(1500);

		if (nf_dict_row_add(s->a, &key, s->fields[0], NF_DICT_INT64,
				    amount, false))
			stress_error(s, "an addition failed");
		atomic64_add(amount, &s->sum);
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

/* Writes other fields of the row that stress_adder() adds to. */
static int stress_neighbour(void *arg)
{
	struct stress *s = arg;
	struct nf_dict_key key = stress_key(0);
	struct nf_dict_field_value f = {};
	struct nf_dict_update u = { .flags = 0, .fields = &f };
	unsigned int i = 0;

	while (!kthread_should_stop()) {
		f.field = s->fields[1 + i++ % (STRESS_FIELDS - 1)];
		f.value.type = i & 4 ? NF_DICT_INT : NF_DICT_INT64;
		f.value.bits = i;
		u.nfields = 1;
		if (nf_dict_row_write(s->a, &key, &u))
			stress_error(s, "a write beside additions failed");
		nf_dict_update_release(&u);
		nf_dict_row_delete_fields(s->a, &key, &s->fields[2], 1);
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

/* Writes one field at a time, which changes a row in place. */
static int stress_place_writer(void *arg)
{
	struct stress *s = arg;
	struct nf_dict_field_value f = {};
	struct nf_dict_update u = { .fields = &f };

	while (!kthread_should_stop()) {
		u32 r = get_random_u32();
		struct nf_dict_key key = stress_key(r % STRESS_PLACES);
		u32 num = r >> 16;
		char text[24];
		int err;

		u.flags = r & BIT(15) ? NF_DICT_W_PACKET : 0;
		if (r & BIT(14))
			u.flags |= NF_DICT_W_TIMEOUT;
		u.timeout = STRESS_FAR_MS + num;
		u.nfields = 1;
		switch (r >> 12 & 3) {
		case 0:
			if (nf_dict_row_add(s->a, &key, s->fields[1],
					    NF_DICT_INT64, stress_twice(1),
					    false))
				stress_error(s, "an addition failed");
			atomic_inc(&s->work);
			continue;
		case 1:
			f.field = s->fields[0];
			f.value.type = NF_DICT_INT64;
			f.value.bits = stress_twice(num);
			break;
		default:
			f.field = s->fields[STRESS_FIELDS - 1];
			snprintf(text, sizeof(text), "%u", num);
			err = nf_dict_value_init(&init_net, &f.value,
						 NF_DICT_LONG_STRING, text,
						 strlen(text), GFP_KERNEL);
			if (err) {
				stress_error(s, "a string was refused");
				continue;
			}
		}
		if (nf_dict_row_write(s->a, &key, &u))
			stress_error(s, "a write in place failed");
		nf_dict_update_release(&u);
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

static void stress_row_is_legible(struct stress *s,
				  const struct nf_dict_row *row)
{
	const struct nf_dict_atom *atom;
	struct nf_dict_value value;
	unsigned int i, num;
	char text[24];

	for (i = 0; i < 2; i++) {
		if (!nf_dict_row_read(row, s->fields[i], NULL, &value) ||
		    value.bits != stress_twice(value.bits))
			stress_error(s, "a number is half of another");
	}
	if (!nf_dict_row_read(row, s->fields[STRESS_FIELDS - 1], NULL,
			      &value) || value.type != NF_DICT_LONG_STRING) {
		stress_error(s, "a string is missing");
		return;
	}
	atom = nf_dict_value_atom(&value);
	if (kstrtouint(atom->data, 10, &num) || num > U16_MAX ||
	    snprintf(text, sizeof(text), "%u", num) != atom->len)
		stress_error(s, "a string is none that was written");
}

static int stress_place_reader(void *arg)
{
	struct stress *s = arg;
	const struct nf_dict_row *row;
	struct nf_dict_key key;

	while (!kthread_should_stop()) {
		key = stress_key(get_random_u32_below(STRESS_PLACES));
		rcu_read_lock();
		row = nf_dict_row_lookup(s->a, &key);
		if (row)
			stress_row_is_legible(s, row);
		else
			stress_error(s, "a row is missing");
		rcu_read_unlock();
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

/* Names that are interned and released by several threads at once. */
static int stress_namer(void *arg)
{
	struct stress *s = arg;
	struct nf_dict_atom *field;
	char name[8];

	while (!kthread_should_stop()) {
		snprintf(name, sizeof(name), "n%u",
			 get_random_u32_below(STRESS_PLACES));
		field = nf_dict_field_get(&init_net, name, strlen(name),
					  GFP_KERNEL);
		if (IS_ERR(field)) {
			stress_error(s, "a name was refused");
		} else {
			if (strcmp(nf_dict_atom_data(field), name))
				stress_error(s, "a name is another");
			nf_dict_field_put(field);
		}
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

static int stress_swapper(void *arg)
{
	struct stress *s = arg;
	struct nf_dict_table *const tables[] = { s->a, s->b };
	unsigned int at;

	while (!kthread_should_stop()) {
		if (nf_dict_table_swap(tables, 1, &at))
			stress_error(s, "a swap failed");
		atomic_inc(&s->work);
		usleep_range(10, 100);
	}

	return 0;
}

/*
 * Contents 1 and 2 are in tables a and b, one in each. Row 0 of contents m has
 * the value m; any other row n has the value 1 if n differs from m, otherwise
 * 0. So a lookup through a and then b returns 1, unless it saw the same
 * contents in both.
 */
static int stress_path_reader(void *arg)
{
	struct stress *s = arg;
	struct nf_dict_level levels[] = {
		{ s->a, s->fields[0], NF_DICT_HINT_NONE, NF_DICT_INT64 },
		{ s->b, s->fields[0], NF_DICT_HINT_NONE, NF_DICT_INT64 },
	};
	struct nf_dict_key key = stress_key(0);
	struct nf_dict_value value;

	while (!kthread_should_stop()) {
		rcu_read_lock();
		if (!nf_dict_path_read(levels, 2, &key, &value))
			stress_error(s, "a path was interrupted");
		else if (nf_dict_value_num(&value) != 1)
			stress_error(s, "half a swap was seen");
		rcu_read_unlock();
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

/* Writes fields @first to @last of row 0, which are numbers. */
static int stress_write_fields(struct stress *s, unsigned int first,
			       unsigned int last, s64 num)
{
	struct nf_dict_field_value fields[2] = {};
	struct nf_dict_update u = {
		.flags		= NF_DICT_W_CREATE,
		.nfields	= last - first + 1,
		.fields		= fields,
	};
	struct nf_dict_key key = stress_key(0);
	unsigned int i;

	for (i = 0; i < u.nfields; i++) {
		fields[i].field = s->fields[first + i];
		fields[i].value.type = NF_DICT_INT64;
		fields[i].value.bits = num;
	}

	return nf_dict_row_write(s->a, &key, &u);
}

/*
 * Writes field 0 and then field 1, both in place, and sometimes both at once.
 * So field 1 equals field 0 or is one less.
 */
static int stress_fields_writer(void *arg)
{
	struct stress *s = arg;
	s64 num = 0;

	while (!kthread_should_stop()) {
		num++;
		if (num % 64 == 0) {
			if (stress_write_fields(s, 0, 1, num))
				stress_error(s, "a write of both failed");
		} else if (stress_write_fields(s, 0, 0, num) ||
			   stress_write_fields(s, 1, 1, num)) {
			stress_error(s, "a write in place failed");
		}
		atomic_inc(&s->work);
		if (num % 256 == 0)
			cond_resched();
	}

	return 0;
}

static int stress_fields_reader(void *arg)
{
	struct stress *s = arg;
	struct nf_dict_level level = {
		s->a, s->fields[0], NF_DICT_HINT_NONE, NF_DICT_INT64
	};
	struct nf_dict_reg form = { NF_DICT_INT64, sizeof(u64) };
	struct nf_dict_load loads[] = {
		{ s->fields[0], NF_DICT_HINT_NONE, form },
		{ s->fields[1], NF_DICT_HINT_NONE, form },
	};
	struct nf_dict_key key = stress_key(0);
	__be64 regs[2];
	s64 ahead;

	while (!kthread_should_stop()) {
		rcu_read_lock();
		if (!nf_dict_path_load_fields(&level, 1, NULL, &key, loads, 2,
					      (u32 *)regs))
			stress_error(s, "a field was missing");
		rcu_read_unlock();
		ahead = be64_to_cpu(regs[0]) - be64_to_cpu(regs[1]);
		if (ahead < 0 || ahead > 1)
			stress_error(s, "fields are not of one moment");
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

/* Adds fields to the declaration of table a, up to the limit. */
static int stress_grower(void *arg)
{
	struct nf_dict_decl *decls;
	struct stress *s = arg;
	unsigned int i, n;
	char name[8];

	decls = kcalloc(NF_DICT_FIELDS_MAX, sizeof(*decls), GFP_KERNEL);
	if (!decls)
		stress_error(s, "no memory");
	for (n = 0; decls && n < NF_DICT_FIELDS_MAX; n++) {
		snprintf(name, sizeof(name), "s%u", n);
		decls[n].field = nf_dict_field_get(&init_net, name,
						   strlen(name), GFP_KERNEL);
		if (IS_ERR(decls[n].field)) {
			stress_error(s, "no memory");
			break;
		}
		decls[n].type = n < STRESS_FIELDS ? NF_DICT_INT64 :
						    1 + n % NF_DICT_TYPE_MAX;
	}
	for (i = STRESS_FIELDS + 1; i <= n && !kthread_should_stop(); i++) {
		const struct nf_dict_table_params params = {
			.ndecls	= i,
			.decls	= decls,
		};

		if (nf_dict_table_declare(s->a, &params))
			stress_error(s, "a field was refused");
		usleep_range(500, 5000);
	}
	while (!kthread_should_stop())
		usleep_range(1000, 5000);
	while (n)
		nf_dict_field_put(decls[--n].field);
	kfree(decls);

	return 0;
}

static int stress_pair_swapper(void *arg)
{
	struct stress *s = arg;
	struct nf_dict_table *const tables[] = {
		s->a, s->b, s->more[0], s->more[1],
	};
	unsigned int at;

	while (!kthread_should_stop()) {
		if (nf_dict_table_swap(tables, 2, &at))
			stress_error(s, "a swap failed");
		atomic_inc(&s->work);
		usleep_range(10, 100);
	}

	return 0;
}

/*
 * Tables a and b have contents 1 and 2, and the second pair of tables has its
 * own contents 1 and 2. In a and b, row 0 of contents m has the value m. In the
 * second pair, row n of contents m has the value 1 if n equals m, otherwise 0.
 * So a lookup through the first tables of both pairs returns 1, unless it saw
 * one pair swapped and the other not.
 */
static int stress_pair_reader(void *arg)
{
	struct stress *s = arg;
	struct nf_dict_level levels[] = {
		{ s->a, s->fields[0], NF_DICT_HINT_NONE, NF_DICT_INT64 },
		{ s->more[0], s->fields[0], NF_DICT_HINT_NONE, NF_DICT_INT64 },
	};
	struct nf_dict_key key = stress_key(0);
	struct nf_dict_value value;

	while (!kthread_should_stop()) {
		rcu_read_lock();
		if (!nf_dict_path_read(levels, 2, &key, &value))
			stress_error(s, "a path was interrupted");
		else if (nf_dict_value_num(&value) != 1)
			stress_error(s, "one of two pairs was seen swapped");
		rcu_read_unlock();
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

/* Whether the list of row 0 has @member. */
static bool stress_list_has(struct stress *s, const char *member)
{
	struct nf_dict_key key = stress_key(0);
	const struct nf_dict_row *row;
	const struct nf_dict_atom *list;
	struct nf_dict_value value;
	bool found = false;
	unsigned int i;

	rcu_read_lock();
	row = nf_dict_row_lookup(s->a, &key);
	if (!row || !nf_dict_row_read(row, s->fields[0], NULL, &value) ||
	    value.type != NF_DICT_STRING_LIST) {
		stress_error(s, "a list is missing");
		goto out;
	}
	list = nf_dict_value_atom(&value);
	for (i = 0; i < list->len; i += strlen(list->data + i) + 1)
		found |= !strcmp(list->data + i, member);
out:
	rcu_read_unlock();

	return found;
}

static void stress_list_change(struct stress *s, u8 op, const char *member)
{
	struct nf_dict_field_value f = { .field = s->fields[0], .op = op };
	struct nf_dict_update u = {
		.flags = NF_DICT_W_CREATE, .nfields = 1, .fields = &f,
	};
	struct nf_dict_key key = stress_key(0);

	if (nf_dict_value_init(&init_net, &f.value, NF_DICT_STRING_LIST,
			       member, strlen(member), GFP_KERNEL)) {
		stress_error(s, "a list was refused");
		return;
	}
	if (nf_dict_row_write(s->a, &key, &u))
		stress_error(s, "a member was refused");
	nf_dict_update_release(&u);
}

/* Adds and removes a member that no other thread uses. */
static int stress_member(void *arg)
{
	struct stress *s = arg;
	char member[16];

	snprintf(member, sizeof(member), "member%d",
		 atomic_fetch_inc(&s->bases));
	while (!kthread_should_stop()) {
		stress_list_change(s, NF_DICT_OP_ADD, member);
		if (!stress_list_has(s, member))
			stress_error(s, "a member was lost");
		stress_list_change(s, NF_DICT_OP_SUB, member);
		if (stress_list_has(s, member))
			stress_error(s, "a member came back");
		if (!stress_list_has(s, "all"))
			stress_error(s, "another member was lost");
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

static struct nf_dict_key stress_name(const char *name)
{
	return (struct nf_dict_key){
		.type	= NF_DICT_KEY_STRING,
		.len	= strlen(name),
		.data	= name,
	};
}

static int stress_domain_write(struct stress *s, const char *name, s64 num)
{
	struct nf_dict_field_value f = {
		.field	= s->fields[0],
		.value	= { .type = NF_DICT_INT64, .bits = num },
	};
	struct nf_dict_update u = {
		.flags = NF_DICT_W_CREATE, .nfields = 1, .fields = &f,
	};
	struct nf_dict_key key = stress_name(name);
	int err = nf_dict_row_write(s->a, &key, &u);

	nf_dict_update_release(&u);

	return err;
}

/* The keys that match the name, the longest last. */
static const char * const stress_domains[] = {
	".com", ".example.com", ".b.example.com", "a.b.example.com",
};

/* Creates and deletes rows of longer matches; the shortest one stays. */
static int stress_domain_writer(void *arg)
{
	unsigned int there = 1, i, bit;
	struct stress *s = arg;
	struct nf_dict_key key;
	int err;

	while (!kthread_should_stop()) {
		i = 1 + get_random_u32_below(ARRAY_SIZE(stress_domains) - 1);
		bit = 1 << i;
		WRITE_ONCE(s->gen, s->gen + 1);
		/* Pairs with that in stress_domain_reader(). */
		smp_wmb();
		if (there & bit) {
			key = stress_name(stress_domains[i]);
			err = nf_dict_row_delete(s->a, &key);
		} else {
			err = stress_domain_write(s, stress_domains[i], i);
		}
		if (err)
			stress_error(s, "a domain was refused");
		there ^= bit;
		WRITE_ONCE(s->want, fls(there) - 1);
		/* After the change and the expected result. */
		smp_store_release(&s->gen, s->gen + 1);
		atomic_inc(&s->work);
		usleep_range(1, 20);
	}

	return 0;
}

static int stress_domain_reader(void *arg)
{
	struct stress *s = arg;
	struct nf_dict_level levels[] = {
		{ s->b, s->fields[1], NF_DICT_HINT_NONE, NF_DICT_LONG_STRING },
		{ s->a, s->fields[0], NF_DICT_HINT_NONE, NF_DICT_INT64 },
	};
	struct nf_dict_key key = stress_name("here");
	struct nf_dict_value value;
	unsigned int gen, want;

	while (!kthread_should_stop()) {
		/* Before the lookup and the expected result. */
		gen = smp_load_acquire(&s->gen);
		want = READ_ONCE(s->want);
		rcu_read_lock();
		if (!nf_dict_path_read(levels, 2, &key, &value)) {
			stress_error(s, "a domain was not found");
			value.bits = want;
		}
		rcu_read_unlock();
		/* Pairs with that in stress_domain_writer(). */
		smp_rmb();
		if (!(gen & 1) && READ_ONCE(s->gen) == gen) {
			if (value.bits != want)
				stress_error(s, "a longer match was missed");
			atomic_inc(&s->work);
		}
		cond_resched();
	}

	return 0;
}

/**
 * struct stress_visit - what a thread holds of another namespace, which may end
 *	at any time; then only the tables keep the store of the namespace
 * @s: the test
 * @a: a table, which all threads there share
 * @b: another
 * @fields: names of fields there
 * @text: strings there: for each number the one that stress_row_is_whole()
 *	expects
 */
struct stress_visit {
	struct stress		*s;
	struct nf_dict_table	*a;
	struct nf_dict_table	*b;
	struct nf_dict_atom	*fields[STRESS_FIELDS];
	struct nf_dict_value	text[STRESS_TEXTS];
};

/* A namespace other than the initial one, or NULL. */
static struct net *stress_net_get(void)
{
	struct net *net, *found = NULL;
	unsigned int n = 0;

	rcu_read_lock();
	for_each_net_rcu(net)
		if (!net_eq(net, &init_net) && !get_random_u32_below(++n))
			found = net;
	if (found)
		found = maybe_get_net(found);
	rcu_read_unlock();

	return found;
}

static void stress_visit_end(struct stress_visit *v)
{
	unsigned int i;

	for (i = 0; i < STRESS_TEXTS; i++)
		nf_dict_value_put(&v->text[i]);
	for (i = 0; i < STRESS_FIELDS; i++)
		if (!IS_ERR(v->fields[i]))
			nf_dict_field_put(v->fields[i]);
	if (!IS_ERR(v->a))
		nf_dict_table_unuse(v->a, NF_DICT_KEY_INT);
	if (!IS_ERR(v->b)) {
		nf_dict_table_delete(v->b);
		nf_dict_table_put(v->b);
	}
}

/* Create table a as a rule does, and table b as a daemon does. */
static int stress_visit_begin(struct stress_visit *v, struct net *net)
{
	const struct nf_dict_table_params params = { .timeout = 5 };
	bool failed = false;
	unsigned int i;
	char text[24];

	v->a = nf_dict_table_use(net, "stress-a", 8, NF_DICT_KEY_INT);
	if (!IS_ERR(v->a))
		nf_dict_table_use_commit(v->a);
	v->b = nf_dict_table_create(net, "stress-b", 8, &params, false);
	failed |= IS_ERR(v->a) || IS_ERR(v->b);
	for (i = 0; i < STRESS_FIELDS; i++) {
		snprintf(text, sizeof(text), "s%u", i);
		v->fields[i] = nf_dict_field_get(net, text, strlen(text),
						 GFP_KERNEL);
		failed |= IS_ERR(v->fields[i]);
	}
	for (i = 0; i < STRESS_TEXTS; i++) {
		v->text[i].type = NF_DICT_UNSPEC;
		snprintf(text, sizeof(text), "%u", i);
		if (nf_dict_value_init(net, &v->text[i], NF_DICT_LONG_STRING,
				       text, strlen(text), GFP_KERNEL)) {
			v->text[i].type = NF_DICT_UNSPEC;
			failed = true;
		}
	}
	if (failed)
		stress_visit_end(v);

	return failed ? -ENOMEM : 0;
}

static int stress_visit_write(struct stress_visit *v,
			      struct nf_dict_table *table, u32 r)
{
	struct nf_dict_field_value fields[STRESS_FIELDS] = {};
	struct nf_dict_update u = {
		.flags		= NF_DICT_W_CREATE,
		.timeout	= 1 + (r >> 24) % 16,
		.nfields	= STRESS_FIELDS,
		.fields		= fields,
	};
	struct nf_dict_key key = stress_key(r % STRESS_KEYS);
	unsigned int i, num = (r >> 16) % STRESS_TEXTS;
	int err;

	if (r & BIT(10))
		u.flags |= NF_DICT_W_REPLACE;
	if (r & BIT(11))
		u.flags |= NF_DICT_W_PACKET;
	if (r & BIT(12))
		u.flags |= NF_DICT_W_TIMEOUT;
	for (i = 0; i < STRESS_FIELDS; i++) {
		fields[i].field = v->fields[i];
		fields[i].value.type = NF_DICT_INT64;
		fields[i].value.bits = num;
	}
	nf_dict_value_hold(&v->text[num]);
	fields[STRESS_FIELDS - 1].value = v->text[num];
	err = nf_dict_row_write(table, &key, &u);
	nf_dict_update_release(&u);

	return err;
}

/* One step. Returns whether the namespace is gone. */
static bool stress_visit_step(struct stress_visit *v)
{
	struct nf_dict_table *const tables[] = { v->a, v->b };
	unsigned int at;
	u32 r = get_random_u32();
	struct nf_dict_table *table = r & BIT(9) ? v->a : v->b;
	struct nf_dict_key key = stress_key(r % STRESS_KEYS);
	const struct nf_dict_row *row;

	switch (r >> 13 & 7) {
	case 0:
		return nf_dict_table_flush(v->a) == -ENOENT;
	case 1:
		/* Other threads delete table b, so failing is no error. */
		nf_dict_table_swap(tables, 1, &at);
		return false;
	case 2:
		nf_dict_row_delete(table, &key);
		return false;
	case 3:
	case 4:
		rcu_read_lock();
		row = nf_dict_row_lookup(table, &key);
		if (row)
			stress_row_is_whole(v->s, v->fields, row);
		rcu_read_unlock();
		return false;
	}
	if (stress_visit_write(v, table, r))
		stress_error(v->s, "a write to another namespace failed");

	return false;
}

/*
 * Takes tables of a namespace, drops its reference to the namespace, and works
 * with the tables until shortly after the namespace has ended. If it does not
 * end, stops with the test.
 */
static int stress_visitor(void *arg)
{
	struct stress_visit v = { .s = arg };
	unsigned int after, most;
	struct net *net;
	int err;

	while (!kthread_should_stop()) {
		net = stress_net_get();
		if (!net) {
			usleep_range(500, 1000);
			continue;
		}
		err = stress_visit_begin(&v, net);
		put_net(net);
		if (err) {
			stress_error(v.s, "cannot work on another namespace");
			continue;
		}
		atomic_inc(&v.s->work);
		after = 0;
		/* Sometimes until the memory of struct net is freed as well. */
		most = get_random_u32_below(4) ? 20 : 2000;
		while (after < most && (after || !kthread_should_stop())) {
			if (stress_visit_step(&v))
				after++;
			cond_resched();
		}
		if (after)
			atomic_inc(&v.s->gone);
		stress_visit_end(&v);
	}

	return 0;
}

#define STRESS_CONNS	64

/* A packet of the connection writes its row. */
static void stress_packet(struct stress *s, struct nf_dict_table *table, u32 id,
			  const struct nf_dict_conn *conn, u32 num)
{
	struct nf_dict_field_value field = {
		.field	= s->fields[0],
		.value	= { .bits = num, .type = NF_DICT_INT64 },
	};
	struct nf_dict_update u = {
		.flags		= NF_DICT_W_PACKET | NF_DICT_W_CREATE,
		.nfields	= 1,
		.fields		= &field,
	};
	struct nf_dict_key key = stress_key(id);
	int err;

	key.conn = conn;
	err = nf_dict_row_write(table, &key, &u);
	if (err && err != -ENOMEM && err != -EBUSY)
		stress_error(s, "a packet cannot write its connection's row");
}

/* As packets do, of a connection with the id @id. */
static void stress_conn_read(struct stress *s, struct nf_dict_table *table,
			     const struct nf_dict_own *own,
			     const struct sk_buff *skb, u32 id, u32 num)
{
	const struct nf_dict_key_reg form = {
		.type	= NF_DICT_KEY_INT,
		.len	= sizeof(id),
		.host	= true,
	};
	struct nf_dict_level level = {
		.table	= table,
		.field	= s->fields[0],
		.type	= NF_DICT_INT64,
		.hint	= NF_DICT_HINT_NONE,
	};
	struct nf_dict_value value;
	int found = -EAGAIN;

	if (skb)
		found = nf_dict_path_read_skb(&level, &form, &id, skb, &value);
	if (found < 0)
		found = nf_dict_path_read_conn(&level, 1, own, &value);
	if (found && nf_dict_value_num(&value) != num)
		stress_error(s, "a connection leads to the row of another");
}

/* Begin and end connections whose ids no other thread uses. */
static int stress_connections(void *arg)
{
	struct nf_dict_key key;
	struct nf_conn_dict ext;
	struct stress *s = arg;
	struct nf_dict_own own;
	u32 base, id, i;

	base = STRESS_CONNS * atomic_inc_return(&s->bases);
	while (!kthread_should_stop()) {
		id = base + get_random_u32_below(STRESS_CONNS);
		key = stress_key(id);
		ext = (struct nf_conn_dict){};
		rcu_read_lock();
		own.conn = nf_dict_conn_add(&init_net, id, &base, id & 1);
		own.slot = &ext;
		for (i = get_random_u32_below(8); own.conn && i; i--) {
			stress_packet(s, i & 1 ? s->a : s->b, id, own.conn, id);
			stress_conn_read(s, s->a, &own, NULL, id, id);
			stress_conn_read(s, s->b, &own, NULL, id, id);
			if (get_random_u32_below(64))
				continue;
			/* Some live for one or two grace periods. */
			rcu_read_unlock();
			msleep(20);
			rcu_read_lock();
		}
		if (own.conn)
			nf_dict_conn_del(&init_net, own.conn);
		if (ext.rows || rcu_access_pointer(ext.row))
			stress_error(s, "a dead connection leads to a row");
		if (nf_dict_row_lookup(s->a, &key) ||
		    nf_dict_row_lookup(s->b, &key))
			stress_error(s, "a row outlives its connection");
		rcu_read_unlock();
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

#define STRESS_TWINS	4

/* Connections that may have the same id as one of another thread. */
static int stress_twins(void *arg)
{
	struct nf_dict_test_packet *p = kzalloc_obj(*p);
	struct stress *s = arg;
	u32 num = atomic_inc_return(&s->twins) << 24;
	struct nf_conn_dict *ext;
	struct nf_dict_own own;
	u32 id, i;

	if (!p)
		stress_error(s, "no memory for a packet");
	while (p && !kthread_should_stop()) {
		/* No other thread writes rows with these ids. */
		id = 4 * STRESS_CONNS + get_random_u32_below(STRESS_TWINS);
		num++;
		memset(p, 0, sizeof(*p));
		ext = nf_dict_test_packet_init(p, id);
		rcu_read_lock();
		ext->gen = nf_dict_conn_gen(&init_net);
		ext->conn = nf_dict_conn_add(&init_net, id, ext, true);
		own.conn = ext->conn;
		for (i = get_random_u32_below(16); own.conn && i; i--) {
			if (nf_dict_conn_own(s->a, ext, ext, true, &own))
				stress_packet(s, i & 1 ? s->a : s->b, id,
					      own.conn, num);
			stress_conn_read(s, s->a, &own, &p->skb, id, num);
			stress_conn_read(s, s->b, &own, &p->skb, id, num);
			if (get_random_u32_below(64))
				continue;
			rcu_read_unlock();
			usleep_range(100, 10000);
			rcu_read_lock();
		}
		if (own.conn)
			nf_dict_conn_del(&init_net, own.conn);
		rcu_read_unlock();
		atomic_inc(&s->work);
		cond_resched();
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ / 10);
	kfree(p);

	return 0;
}

/* Write by id, whichever connection has the id. */
static int stress_id_writer(void *arg)
{
	struct stress *s = arg;

	while (!kthread_should_stop()) {
		u32 id = get_random_u32_below(4 * STRESS_CONNS);

		stress_write(s, id & 1 ? s->a : s->b, id,
			     1 + get_random_u32_below(2), id,
			     NF_DICT_W_CREATE | (id & 2 ? NF_DICT_W_REPLACE : 0),
			     0);
		atomic_inc(&s->work);
		cond_resched();
	}

	return 0;
}

static int stress_flusher(void *arg)
{
	struct stress *s = arg;

	while (!kthread_should_stop()) {
		if (nf_dict_table_flush(s->a))
			stress_error(s, "a flush failed");
		atomic_inc(&s->work);
		usleep_range(100, 1000);
	}

	return 0;
}

typedef int (*stress_fn)(void *);

static void stress_run(struct kunit *test, struct stress *s,
		       const stress_fn fns[], unsigned int n, int least,
		       atomic_t *ends)
{
	struct task_struct *threads[STRESS_THREADS];
	unsigned int i, started = 0;

	if (!seconds)
		return;

	for (i = 0; i < n; i++) {
		threads[started] = kthread_run(fns[i], s, "nf_dict_stress/%u",
					       i);
		if (!IS_ERR(threads[started]))
			started++;
	}
	for (i = 0; i < seconds * 10; i++)
		schedule_timeout_uninterruptible(HZ / 10);
	/* On busy CPUs, a namespace may take longer than that to end. */
	for (i = 0; ends && i < STRESS_WAIT * 10; i++) {
		if (!atomic_read(&s->work) || atomic_read(ends))
			break;
		schedule_timeout_uninterruptible(HZ / 10);
	}
	for (i = 0; i < started; i++)
		kthread_stop(threads[i]);

	KUNIT_EXPECT_EQ(test, n, started);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&s->errors));
	KUNIT_EXPECT_GT(test, atomic_read(&s->work), least);
	kunit_info(test, "%d steps in %u seconds", atomic_read(&s->work),
		   seconds);
}

static struct stress *stress_init_class(struct kunit *test, u8 key_class)
{
	struct stress *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	const struct nf_dict_table_params params = { .key_class = key_class };
	unsigned int i;
	char name[8];

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->a = nf_dict_table_create(&init_net, "stress-a", 8, &params, true);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s->a);
	s->b = nf_dict_table_create(&init_net, "stress-b", 8, &params, true);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s->b);
	for (i = 0; i < STRESS_FIELDS; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		s->fields[i] = nf_dict_field_get(&init_net, name, strlen(name),
						 GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s->fields[i]);
	}

	return s;
}

/* The tables declare the same numbers, in different order. */
static struct stress *stress_init_declared(struct kunit *test)
{
	struct stress *s = stress_init_class(test, NF_DICT_KEY_UNSPEC);
	struct nf_dict_decl decls[STRESS_FIELDS];
	const struct nf_dict_table_params params = {
		.ndecls	= STRESS_FIELDS,
		.decls	= decls,
	};
	unsigned int i;

	for (i = 0; i < STRESS_FIELDS; i++)
		decls[i] = (struct nf_dict_decl){ s->fields[i], NF_DICT_INT64 };
	KUNIT_ASSERT_EQ(test, 0, nf_dict_table_declare(s->a, &params));
	for (i = 0; i < STRESS_FIELDS; i++)
		decls[i].field = s->fields[STRESS_FIELDS - 1 - i];
	KUNIT_ASSERT_EQ(test, 0, nf_dict_table_declare(s->b, &params));

	return s;
}

static struct stress *stress_init(struct kunit *test)
{
	return stress_init_class(test, NF_DICT_KEY_UNSPEC);
}

static void stress_exit(struct stress *s)
{
	unsigned int i;

	for (i = 0; i < STRESS_FIELDS; i++)
		nf_dict_field_put(s->fields[i]);
	nf_dict_table_delete(s->a);
	nf_dict_table_put(s->a);
	nf_dict_table_delete(s->b);
	nf_dict_table_put(s->b);
}

static void stress_rows_are_whole(struct kunit *test)
{
	static const stress_fn fns[] = {
		stress_writer, stress_writer, stress_reader, stress_reader,
		stress_deleter, stress_dumper, stress_swapper,
	};
	struct stress *s = stress_init(test);

	stress_run(test, s, fns, ARRAY_SIZE(fns), 100, NULL);
	stress_exit(s);
}

static void stress_listings_are_whole(struct kunit *test)
{
	static const stress_fn fns[] = {
		stress_tide, stress_lister, stress_lister,
	};
	struct stress *s = stress_init(test);
	unsigned int i;

	for (i = 0; i < STRESS_KEYS; i++)
		KUNIT_ASSERT_EQ(test, 0, stress_write(s, s->a, i, 1, i,
						      NF_DICT_W_CREATE, 0));
	stress_run(test, s, fns, ARRAY_SIZE(fns), 10, NULL);
	stress_exit(s);
}

static void stress_values_are_legible(struct kunit *test)
{
	static const stress_fn fns[] = {
		stress_place_writer, stress_place_writer, stress_place_reader,
		stress_place_reader, stress_namer, stress_namer,
	};
	struct stress *s = stress_init(test);
	unsigned int i;

	for (i = 0; i < STRESS_PLACES; i++)
		KUNIT_ASSERT_EQ(test, 0,
				stress_write(s, s->a, i, STRESS_FIELDS, 0,
					     NF_DICT_W_CREATE, STRESS_FAR_MS));
	stress_run(test, s, fns, ARRAY_SIZE(fns), 100, NULL);
	stress_exit(s);
}

static void stress_fields_are_of_one_moment(struct kunit *test)
{
	static const stress_fn fns[] = {
		stress_fields_writer, stress_fields_reader,
		stress_fields_reader,
	};
	struct stress *s = stress_init(test);

	KUNIT_ASSERT_EQ(test, 0, stress_write_fields(s, 0, 1, 0));
	stress_run(test, s, fns, ARRAY_SIZE(fns), 100, NULL);
	stress_exit(s);
}

/* The same in packed rows, while the table declares more fields. */
static void stress_declared_are_of_one_moment(struct kunit *test)
{
	static const stress_fn fns[] = {
		stress_fields_writer, stress_fields_reader,
		stress_fields_reader, stress_grower,
	};
	struct stress *s = stress_init_declared(test);

	KUNIT_ASSERT_EQ(test, 0, stress_write_fields(s, 0, 1, 0));
	stress_run(test, s, fns, ARRAY_SIZE(fns), 100, NULL);
	stress_exit(s);
}

static void stress_additions_are_kept(struct kunit *test)
{
	static const stress_fn fns[] = {
		stress_adder, stress_adder, stress_neighbour, stress_neighbour,
	};
	struct stress *s = stress_init(test);
	const struct nf_dict_row *row;
	struct nf_dict_value value;
	struct nf_dict_key key = stress_key(0);

	KUNIT_ASSERT_EQ(test, 0, stress_write(s, s->a, 0, 1, 0,
					      NF_DICT_W_CREATE, 0));
	stress_run(test, s, fns, ARRAY_SIZE(fns), 100, NULL);

	rcu_read_lock();
	row = nf_dict_row_lookup(s->a, &key);
	KUNIT_EXPECT_NOT_NULL(test, row);
	if (row && nf_dict_row_read(row, s->fields[0], NULL, &value))
		KUNIT_EXPECT_EQ(test, atomic64_read(&s->sum),
				nf_dict_value_num(&value));
	rcu_read_unlock();
	stress_exit(s);
}

static void stress_swaps(struct kunit *test, struct stress *s)
{
	static const stress_fn fns[] = {
		stress_path_reader, stress_path_reader, stress_swapper,
	};
	unsigned int m, n;

	for (m = 1; m <= 2; m++) {
		struct nf_dict_table *table = m == 1 ? s->a : s->b;

		KUNIT_ASSERT_EQ(test, 0, stress_write(s, table, 0, 1, m,
						      NF_DICT_W_CREATE, 0));
		for (n = 1; n <= 2; n++)
			KUNIT_ASSERT_EQ(test, 0,
					stress_write(s, table, n, 1, m != n,
						     NF_DICT_W_CREATE, 0));
	}
	stress_run(test, s, fns, ARRAY_SIZE(fns), 100, NULL);
	stress_exit(s);
}

static void stress_swap_is_one_step(struct kunit *test)
{
	stress_swaps(test, stress_init(test));
}

static void stress_swap_of_declared_is_one_step(struct kunit *test)
{
	stress_swaps(test, stress_init_declared(test));
}

static void stress_pairs_are_one_step(struct kunit *test)
{
	static const stress_fn fns[] = {
		stress_pair_reader, stress_pair_reader, stress_pair_swapper,
	};
	const struct nf_dict_table_params params = {};
	struct stress *s = stress_init(test);
	unsigned int m, n;

	for (m = 1; m <= 2; m++) {
		char name[] = "stress-x";

		name[7] = 'b' + m;
		s->more[m - 1] = nf_dict_table_create(&init_net, name, 8,
						      &params, true);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s->more[m - 1]);
		KUNIT_ASSERT_EQ(test, 0,
				stress_write(s, m == 1 ? s->a : s->b, 0, 1, m,
					     NF_DICT_W_CREATE, 0));
		for (n = 1; n <= 2; n++)
			KUNIT_ASSERT_EQ(test, 0,
					stress_write(s, s->more[m - 1], n, 1,
						     m == n, NF_DICT_W_CREATE,
						     0));
	}
	stress_run(test, s, fns, ARRAY_SIZE(fns), 100, NULL);
	for (m = 0; m < 2; m++) {
		nf_dict_table_delete(s->more[m]);
		nf_dict_table_put(s->more[m]);
	}
	stress_exit(s);
}

static void stress_members_are_kept(struct kunit *test)
{
	static const stress_fn fns[] = { stress_member, stress_member };
	struct stress *s = stress_init(test);

	stress_list_change(s, NF_DICT_OP_SET, "all");
	stress_run(test, s, fns, ARRAY_SIZE(fns), 100, NULL);
	stress_exit(s);
}

static void stress_longest_domain_is_found(struct kunit *test)
{
	static const stress_fn fns[] = {
		stress_domain_writer, stress_domain_reader,
		stress_domain_reader,
	};
	struct stress *s = stress_init_class(test, NF_DICT_KEY_DOMAIN);
	struct nf_dict_field_value name = { .field = s->fields[1] };
	struct nf_dict_update u = {
		.flags = NF_DICT_W_CREATE, .nfields = 1, .fields = &name,
	};
	struct nf_dict_key key = stress_name("here");

	KUNIT_ASSERT_EQ(test, 0, stress_domain_write(s, stress_domains[0], 0));
	KUNIT_ASSERT_EQ(test, 0,
			nf_dict_value_init(&init_net, &name.value,
					   NF_DICT_LONG_STRING,
					   stress_domains[3],
					   strlen(stress_domains[3]),
					   GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, nf_dict_row_write(s->b, &key, &u));
	nf_dict_update_release(&u);
	stress_run(test, s, fns, ARRAY_SIZE(fns), 100, NULL);
	stress_exit(s);
}

static void stress_conn_toggle(struct net *net)
{
}

static void stress_conn_changed(void *ct)
{
}

static const unsigned int stress_conn_max = STRESS_CONNS;

static const struct nf_dict_conn_ops stress_conn_ops = {
	.owner		= THIS_MODULE,
	.max		= &stress_conn_max,
	.enable		= stress_conn_toggle,
	.disable	= stress_conn_toggle,
	.changed	= stress_conn_changed,
};

static void stress_rows_go_with_connections(struct kunit *test)
{
	static const stress_fn fns[] = {
		stress_connections, stress_connections, stress_id_writer,
		stress_id_writer, stress_flusher, stress_swapper,
		stress_twins, stress_twins,
	};
	struct nf_dict_stats stats;
	struct stress *s;
	bool own;

	/* If there is connection tracking, it is registered already. */
	own = !nf_dict_conn_register(&stress_conn_ops);
	s = stress_init_class(test, NF_DICT_KEY_CT);
	stress_run(test, s, fns, ARRAY_SIZE(fns), 100, NULL);
	nf_dict_table_stats(s->a, &stats);
	KUNIT_EXPECT_EQ(test, 0, stats.rows);
	nf_dict_table_stats(s->b, &stats);
	KUNIT_EXPECT_EQ(test, 0, stats.rows);
	stress_exit(s);
	if (own)
		nf_dict_conn_unregister(&stress_conn_ops);
}

static void stress_namespaces_end(struct kunit *test)
{
	static const stress_fn fns[] = {
		stress_visitor, stress_visitor, stress_visitor,
	};
	struct stress *s = stress_init(test);
	unsigned int gone, work;

	stress_run(test, s, fns, ARRAY_SIZE(fns), -1, &s->gone);
	gone = atomic_read(&s->gone);
	work = atomic_read(&s->work);
	stress_exit(s);

	/* KUnit does not run again what was skipped once. */
	if (!seconds)
		return;
	if (!work)
		kunit_skip(test, "nobody makes network namespaces meanwhile");
	KUNIT_EXPECT_GT(test, gone, 0);
	kunit_info(test, "%u times a namespace ended", gone);
}

static struct kunit_case nf_dict_stress_cases[] = {
	KUNIT_CASE_SLOW(stress_rows_are_whole),
	KUNIT_CASE_SLOW(stress_listings_are_whole),
	KUNIT_CASE_SLOW(stress_values_are_legible),
	KUNIT_CASE_SLOW(stress_fields_are_of_one_moment),
	KUNIT_CASE_SLOW(stress_declared_are_of_one_moment),
	KUNIT_CASE_SLOW(stress_additions_are_kept),
	KUNIT_CASE_SLOW(stress_swap_is_one_step),
	KUNIT_CASE_SLOW(stress_swap_of_declared_is_one_step),
	KUNIT_CASE_SLOW(stress_pairs_are_one_step),
	KUNIT_CASE_SLOW(stress_members_are_kept),
	KUNIT_CASE_SLOW(stress_longest_domain_is_found),
	KUNIT_CASE_SLOW(stress_rows_go_with_connections),
	KUNIT_CASE_SLOW(stress_namespaces_end),
	{}
};

static struct kunit_suite nf_dict_stress_suite = {
	.name		= "nf_dict_stress",
	.test_cases	= nf_dict_stress_cases,
};

kunit_test_suite(nf_dict_stress_suite);

MODULE_DESCRIPTION("KUnit stress of nf_dict");
MODULE_LICENSE("GPL");
/* MODULE_IMPORT_NS() takes a string, and in older kernels must not. */
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
