// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of nf_dict.
 */
#include <kunit/test.h>
#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_dict.h>
#include <net/netfilter/nf_flow_table.h>

#include "nf_dict_lookup.h"
#include "nf_dict_test_packet.h"

#define TEST_NET	(&init_net)

/*
 * With KASAN, random tests take every seventh round only: memory errors show in
 * few rounds, and other kernels compare the results of all. Seven is prime, so
 * that each kind of round still occurs.
 */
#define ROUND_STEP	(IS_ENABLED(CONFIG_KASAN) ? 7 : 1)

static void test_table_delete(void *ptr)
{
	struct nf_dict_table *table = ptr;

	nf_dict_table_delete(table);
	nf_dict_table_put(table);
}

/* References to the namespace's tables when the tests began. */
static unsigned int test_ns_refs;

static struct nf_dict_table *
table_create(const char *name, const struct nf_dict_table_params *params,
	     bool excl)
{
	return nf_dict_table_create(TEST_NET, name, strlen(name), params, excl);
}

/* A table that is deleted when the test ends. */
static struct nf_dict_table *
test_table_of(struct kunit *test, const char *name,
	      const struct nf_dict_table_params *params)
{
	struct nf_dict_table *table = table_create(name, params, true);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, table);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, test_table_delete,
						  table));

	return table;
}

static struct nf_dict_table *test_table_sized(struct kunit *test,
					      const char *name, u32 size,
					      u32 timeout)
{
	return test_table_of(test, name, &(struct nf_dict_table_params){
		.size = size, .timeout = timeout });
}

static void expect_delete(struct kunit *test, struct nf_dict_table *table)
{
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_delete(table));
	nf_dict_table_put(table);
}

static struct nf_dict_table *test_table(struct kunit *test, const char *name)
{
	return test_table_sized(test, name, 0, 0);
}

static void test_field_put(void *ptr)
{
	nf_dict_field_put(ptr);
}

static struct nf_dict_atom *test_field(struct kunit *test, const char *name)
{
	struct nf_dict_atom *field;

	field = nf_dict_field_get(TEST_NET, name, strlen(name), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, field);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, test_field_put,
						  field));

	return field;
}

/* A use by a rule that is in effect. */
static struct nf_dict_table *test_use(const char *name)
{
	struct nf_dict_table *table = nf_dict_table_use(TEST_NET, name,
							strlen(name),
							NF_DICT_KEY_INT);

	if (!IS_ERR(table))
		nf_dict_table_use_commit(table);

	return table;
}

static struct nf_dict_key int_key(u64 num)
{
	return (struct nf_dict_key){
		.type	= NF_DICT_KEY_INT,
		.len	= sizeof(u64),
		.num	= num,
	};
}

static struct nf_dict_key bytes_key(u8 type, const void *data, unsigned int len)
{
	return (struct nf_dict_key){
		.type	= type,
		.len	= len,
		.data	= data,
	};
}

static struct nf_dict_key string_key(const char *s)
{
	return bytes_key(NF_DICT_KEY_STRING, s, strlen(s));
}

static struct nf_dict_level level_of(struct nf_dict_table *table,
				     struct nf_dict_atom *field, u8 type)
{
	return (struct nf_dict_level){ table, field, NF_DICT_HINT_NONE, type };
}

/* The number at the end of a path, or -1. */
static s64 path_int(struct nf_dict_level *levels, unsigned int n,
		    struct nf_dict_key key)
{
	struct nf_dict_value value;
	s64 num = -1;

	rcu_read_lock();
	if (nf_dict_path_read(levels, n, &key, &value))
		num = nf_dict_value_num(&value);
	rcu_read_unlock();

	return num;
}

static struct nf_dict_value int_value(u8 type, s64 num)
{
	return (struct nf_dict_value){ .type = type, .bits = num };
}

static int value_init(struct nf_dict_value *value, u8 type, const void *data,
		      unsigned int len)
{
	return nf_dict_value_init(TEST_NET, value, type, data, len, GFP_KERNEL);
}

static struct nf_dict_value bytes_value(struct kunit *test, const char *s,
					unsigned int len)
{
	struct nf_dict_value value;

	KUNIT_ASSERT_EQ(test, 0,
			value_init(&value, NF_DICT_LONG_STRING, s, len));

	return value;
}

/* Make a list of the members in @s, which are separated by commas. */
static struct nf_dict_value list_value(struct kunit *test, const char *s)
{
	char *text = kstrdup(s, GFP_KERNEL);
	struct nf_dict_value value;

	KUNIT_ASSERT_NOT_NULL(test, text);
	strreplace(text, ',', '\0');
	KUNIT_ASSERT_EQ(test, 0, value_init(&value, NF_DICT_STRING_LIST, text,
					    strlen(s)));
	kfree(text);

	return value;
}

static struct nf_dict_patterns *string_patterns(unsigned int max)
{
	return nf_dict_patterns_alloc(TEST_NET, max, NF_DICT_LONG_STRING);
}

static struct nf_dict_value string_value(struct kunit *test, const char *s)
{
	return bytes_value(test, s, strlen(s));
}

/* Write one field. Keeps no reference to the name or the value. */
static int write_field(struct nf_dict_table *table, struct nf_dict_key key,
		       struct nf_dict_field_value f, u32 flags, u32 timeout)
{
	struct nf_dict_update u = {
		.flags		= flags,
		.timeout	= timeout,
		.nfields	= 1,
		.fields		= &f,
	};
	int err;

	nf_dict_value_hold(&f.value);
	err = nf_dict_row_write(table, &key, &u);
	nf_dict_update_release(&u);

	return err;
}

static int write_value(struct nf_dict_table *table, struct nf_dict_key key,
		       struct nf_dict_atom *field, struct nf_dict_value value,
		       u32 flags, u32 timeout)
{
	return write_field(table, key, (struct nf_dict_field_value){
		.field = field, .value = value }, flags, timeout);
}

static int write_int(struct nf_dict_table *table, struct nf_dict_key key,
		     struct nf_dict_atom *field, s64 num)
{
	return write_value(table, key, field, int_value(NF_DICT_INT64, num),
			   NF_DICT_W_CREATE, 0);
}

static int write_string(struct kunit *test, struct nf_dict_table *table,
			struct nf_dict_key key, struct nf_dict_atom *field,
			const char *s)
{
	struct nf_dict_value value = string_value(test, s);
	int err;

	err = write_value(table, key, field, value, NF_DICT_W_CREATE, 0);
	nf_dict_value_put(&value);

	return err;
}

/* The number in a field, or -1 if it is not there. */
static s64 read_int(struct nf_dict_table *table, struct nf_dict_key key,
		    const struct nf_dict_atom *field)
{
	const struct nf_dict_row *row;
	struct nf_dict_value value;
	s64 num = -1;

	rcu_read_lock();
	row = nf_dict_row_lookup(table, &key);
	if (row && nf_dict_row_read(row, field, NULL, &value))
		num = nf_dict_value_num(&value);
	rcu_read_unlock();

	return num;
}

static bool row_exists(struct nf_dict_table *table, struct nf_dict_key key)
{
	bool exists;

	rcu_read_lock();
	exists = nf_dict_row_lookup(table, &key);
	rcu_read_unlock();

	return exists;
}

static struct nf_dict_stats table_stats(struct nf_dict_table *table)
{
	struct nf_dict_stats stats;

	nf_dict_table_stats(table, &stats);

	return stats;
}

/* Names */

static void name_limits(struct kunit *test)
{
	char name[NF_DICT_NAME_MAX + 1];

	memset(name, 'x', sizeof(name));
	KUNIT_EXPECT_EQ(test, -EINVAL, nf_dict_name_check(name, 0));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_name_check(name, 1));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_name_check(name, 128));
	KUNIT_EXPECT_EQ(test, -ENAMETOOLONG, nf_dict_name_check(name, 129));
}

static void name_characters(struct kunit *test)
{
	char name[] = "a?b";
	int c;

	for (c = 0; c < 256; c++) {
		bool bad = c <= ' ' || c == 0x7f || c == ',';

		name[1] = c;
		KUNIT_EXPECT_EQ_MSG(test, bad ? -EINVAL : 0,
				    nf_dict_name_check(name, 3),
				    "character %d", c);
	}
}

static void field_interned(struct kunit *test)
{
	struct nf_dict_atom *a, *b, *c;

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOENT),
			    nf_dict_field_find(TEST_NET, "kunit-field", 11));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    nf_dict_field_find(TEST_NET, "", 0));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    nf_dict_field_get(TEST_NET, "a b", 3, GFP_KERNEL));

	a = nf_dict_field_get(TEST_NET, "kunit-field", 11, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, a);
	b = nf_dict_field_get(TEST_NET, "kunit-field", 11, GFP_ATOMIC);
	c = nf_dict_field_find(TEST_NET, "kunit-field", 11);
	KUNIT_EXPECT_PTR_EQ(test, a, b);
	KUNIT_EXPECT_PTR_EQ(test, a, c);
	KUNIT_EXPECT_STREQ(test, nf_dict_atom_data(a), "kunit-field");
	KUNIT_EXPECT_EQ(test, nf_dict_atom_len(a), 11);

	nf_dict_field_put(b);
	nf_dict_field_put(c);
	c = nf_dict_field_get(TEST_NET, "kunit-fiel", 10, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, c);
	KUNIT_EXPECT_PTR_NE(test, a, c);
	KUNIT_EXPECT_NE(test, nf_dict_atom_id(a), nf_dict_atom_id(c));
	nf_dict_field_put(c);
	nf_dict_field_put(a);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOENT),
			    nf_dict_field_find(TEST_NET, "kunit-field", 11));
}

/* Keys */

static void key_check(struct kunit *test)
{
	static const struct {
		u8	type;
		u8	len;
		int	err;
	} cases[] = {
		{ NF_DICT_KEY_UNSPEC, 4, -EINVAL },
		{ NF_DICT_KEY_INT, 8, 0 },
		{ NF_DICT_KEY_INT, 4, -EINVAL },
		{ NF_DICT_KEY_IPV4, 4, 0 },
		{ NF_DICT_KEY_IPV4, 16, -EINVAL },
		{ NF_DICT_KEY_IPV6, 16, 0 },
		{ NF_DICT_KEY_IPV6, 4, -EINVAL },
		{ NF_DICT_KEY_ETHER, 6, 0 },
		{ NF_DICT_KEY_ETHER, 8, -EINVAL },
		{ NF_DICT_KEY_STRING, 0, -EINVAL },
		{ NF_DICT_KEY_STRING, 1, 0 },
		{ NF_DICT_KEY_STRING, 254, 0 },
		{ NF_DICT_KEY_STRING, 255, -ENAMETOOLONG },
		{ NF_DICT_KEY_RAW, 0, -EINVAL },
		{ NF_DICT_KEY_RAW, 1, 0 },
		{ NF_DICT_KEY_RAW, 64, 0 },
		{ NF_DICT_KEY_RAW, 65, -ENAMETOOLONG },
		{ __NF_DICT_KEY_MAX, 4, -EINVAL },
	};
	struct nf_dict_key key;
	char data[256];
	unsigned int i;

	memset(data, 'k', sizeof(data));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		key = bytes_key(cases[i].type, data, cases[i].len);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].err, nf_dict_key_check(&key),
				    "type %u length %u", cases[i].type,
				    cases[i].len);
	}
	data[3] = '\0';
	key = bytes_key(NF_DICT_KEY_STRING, data, 8);
	KUNIT_EXPECT_EQ(test, -EINVAL, nf_dict_key_check(&key));
	key = bytes_key(NF_DICT_KEY_RAW, data, 8);
	KUNIT_EXPECT_EQ(test, 0, nf_dict_key_check(&key));
}

static void key_integer_one_form(struct kunit *test)
{
	struct nf_dict_key key;
	u32 reg[16] = {};
	u8 len, i;

	/* The number 0x50 in each width and byte order. */
	for (len = 1; len <= 8; len++) {
		u8 *p = (u8 *)reg;

		memset(reg, 0, sizeof(reg));
		p[len - 1] = 0x50;
		KUNIT_EXPECT_TRUE(test,
				  nf_dict_key_from_reg(&key, NF_DICT_KEY_INT,
						       len, false, reg));
		KUNIT_EXPECT_EQ_MSG(test, 0x50, key.num, "length %u", len);
		KUNIT_EXPECT_EQ(test, 0, nf_dict_key_check(&key));

		memset(reg, 0, sizeof(reg));
		i = 0;
#ifdef __BIG_ENDIAN
		i = len - 1;
#endif
		p[i] = 0x50;
		KUNIT_EXPECT_TRUE(test,
				  nf_dict_key_from_reg(&key, NF_DICT_KEY_INT,
						       len, true, reg));
		KUNIT_EXPECT_EQ_MSG(test, 0x50, key.num, "length %u, host",
				    len);
	}

	/* As in rules: a mark, a port, the id of a connection. */
	reg[0] = 0xcafebabe;
	nf_dict_key_from_reg(&key, NF_DICT_KEY_INT, 4, true, reg);
	KUNIT_EXPECT_EQ(test, 0xcafebabeULL, key.num);
	*(__be16 *)reg = cpu_to_be16(443);
	nf_dict_key_from_reg(&key, NF_DICT_KEY_INT, 2, false, reg);
	KUNIT_EXPECT_EQ(test, 443, key.num);
	reg[0] = (__force u32)cpu_to_be32(286331238);
	nf_dict_key_from_reg(&key, NF_DICT_KEY_INT, 4, false, reg);
	KUNIT_EXPECT_EQ(test, 286331238, key.num);
	memset(reg, 0xff, sizeof(reg));
	nf_dict_key_from_reg(&key, NF_DICT_KEY_INT, 8, false, reg);
	KUNIT_EXPECT_EQ(test, U64_MAX, key.num);
	nf_dict_key_from_reg(&key, NF_DICT_KEY_INT, 3, true, reg);
	KUNIT_EXPECT_EQ(test, 0xffffff, key.num);
}

static void key_string_ends_at_nul(struct kunit *test)
{
	struct nf_dict_key key;
	u32 reg[16];

	memset(reg, 'e', sizeof(reg));
	KUNIT_EXPECT_TRUE(test, nf_dict_key_from_reg(&key, NF_DICT_KEY_STRING,
						     16, false, reg));
	KUNIT_EXPECT_EQ(test, 16, key.len);
	strscpy((char *)reg, "eth0", sizeof(reg));
	KUNIT_EXPECT_TRUE(test, nf_dict_key_from_reg(&key, NF_DICT_KEY_STRING,
						     16, false, reg));
	KUNIT_EXPECT_EQ(test, 4, key.len);
	KUNIT_EXPECT_EQ(test, 0, memcmp(key.data, "eth0", 4));
	reg[0] = 0;
	KUNIT_EXPECT_FALSE(test, nf_dict_key_from_reg(&key, NF_DICT_KEY_STRING,
						      16, false, reg));
}

static void key_from_value(struct kunit *test)
{
	struct nf_dict_value value;
	struct nf_dict_key key;
	char s[257];

	value = int_value(NF_DICT_INT, 7);
	KUNIT_EXPECT_TRUE(test, nf_dict_key_from_value(&key, &value));
	KUNIT_EXPECT_EQ(test, NF_DICT_KEY_INT, key.type);
	KUNIT_EXPECT_EQ(test, 7, key.num);
	value = int_value(NF_DICT_INT64, S64_MAX);
	KUNIT_EXPECT_TRUE(test, nf_dict_key_from_value(&key, &value));
	KUNIT_EXPECT_EQ(test, S64_MAX, key.num);
	value = int_value(NF_DICT_BOOL, 1);
	KUNIT_EXPECT_TRUE(test, nf_dict_key_from_value(&key, &value));
	KUNIT_EXPECT_EQ(test, 1, key.num);
	value = int_value(NF_DICT_INT, -1);
	KUNIT_EXPECT_FALSE(test, nf_dict_key_from_value(&key, &value));

	value = string_value(test, "user123");
	KUNIT_EXPECT_TRUE(test, nf_dict_key_from_value(&key, &value));
	KUNIT_EXPECT_EQ(test, NF_DICT_KEY_STRING, key.type);
	KUNIT_EXPECT_EQ(test, 7, key.len);
	KUNIT_EXPECT_EQ(test, 0, memcmp(key.data, "user123", 7));
	nf_dict_value_put(&value);
	/* The longest key, and strings that are longer. */
	memset(s, 's', sizeof(s));
	value = bytes_value(test, s, 254);
	KUNIT_EXPECT_TRUE(test, nf_dict_key_from_value(&key, &value));
	KUNIT_EXPECT_EQ(test, 254, key.len);
	nf_dict_value_put(&value);
	value = bytes_value(test, s, 255);
	KUNIT_EXPECT_FALSE(test, nf_dict_key_from_value(&key, &value));
	nf_dict_value_put(&value);
	value = bytes_value(test, s, 257);
	KUNIT_EXPECT_FALSE(test, nf_dict_key_from_value(&key, &value));
	nf_dict_value_put(&value);
	value = string_value(test, "");
	KUNIT_EXPECT_FALSE(test, nf_dict_key_from_value(&key, &value));
	nf_dict_value_put(&value);
}

/* Values */

static void value_wire_forms(struct kunit *test)
{
	static const struct {
		u8	type;
		u8	len;
		u8	data[16];
		int	err;
	} cases[] = {
		{ NF_DICT_UNSPEC, 1, {}, -EINVAL },
		{ NF_DICT_NUMBER, 4, {}, -EINVAL },
		{ __NF_DICT_TYPE_MAX, 4, {}, -EINVAL },
		{ NF_DICT_BOOL, 1, { 0 }, 0 },
		{ NF_DICT_BOOL, 1, { 1 }, 0 },
		{ NF_DICT_BOOL, 1, { 2 }, -EINVAL },
		{ NF_DICT_BOOL, 4, { 1 }, -EINVAL },
		{ NF_DICT_INT, 4, { 0x80 }, 0 },
		{ NF_DICT_INT, 8, {}, -EINVAL },
		{ NF_DICT_INT64, 8, {}, 0 },
		{ NF_DICT_INT64, 4, {}, -EINVAL },
		{ NF_DICT_IPV4_ADDR, 4, { 192, 168, 1, 1 }, 0 },
		{ NF_DICT_IPV4_ADDR, 16, {}, -EINVAL },
		{ NF_DICT_IPV6_ADDR, 16, { 0x20, 1 }, 0 },
		{ NF_DICT_IPV6_ADDR, 4, {}, -EINVAL },
		{ NF_DICT_ETHER_ADDR, 6, { 0, 0x20 }, 0 },
		{ NF_DICT_ETHER_ADDR, 8, {}, -EINVAL },
	};
	struct nf_dict_value value;
	unsigned int i, len;
	const void *data;
	int err;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		err = value_init(&value, cases[i].type, cases[i].data,
				 cases[i].len);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].err, err, "case %u", i);
		if (err)
			continue;
		if (cases[i].type >= NF_DICT_IPV4_ADDR) {
			data = nf_dict_value_data(&value, &len);
			KUNIT_EXPECT_EQ(test, cases[i].len, len);
			KUNIT_EXPECT_EQ(test, 0,
					memcmp(data, cases[i].data, len));
		}
		nf_dict_value_put(&value);
	}

	err = value_init(&value, NF_DICT_INT, "\x80\0\0\0", 4);
	KUNIT_EXPECT_EQ(test, 0, err);
	KUNIT_EXPECT_EQ(test, S32_MIN, nf_dict_value_num(&value));
}

static void value_string_limits(struct kunit *test)
{
	struct nf_dict_value a, b;
	char *s = kunit_kmalloc(test, NF_DICT_STRING_MAX + 1, GFP_KERNEL);
	unsigned int len;

	KUNIT_ASSERT_NOT_NULL(test, s);
	memset(s, 's', NF_DICT_STRING_MAX + 1);
	KUNIT_EXPECT_EQ(test, -ENAMETOOLONG,
			value_init(&a, NF_DICT_LONG_STRING, s, 4096));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			value_init(&a, NF_DICT_LONG_STRING, "a\0b", 3));
	KUNIT_ASSERT_EQ(test, 0, value_init(&a, NF_DICT_LONG_STRING, s, 4095));
	nf_dict_value_data(&a, &len);
	KUNIT_EXPECT_EQ(test, 4095, len);
	KUNIT_EXPECT_EQ(test, 0, memcmp(nf_dict_value_data(&a, &len), s, 4095));
	/* Equal strings share one object; different strings do not. */
	KUNIT_ASSERT_EQ(test, 0,
			nf_dict_value_init(TEST_NET, &b, NF_DICT_LONG_STRING, s,
					   4095, GFP_ATOMIC));
	KUNIT_EXPECT_EQ(test, a.bits, b.bits);
	nf_dict_value_put(&b);
	KUNIT_ASSERT_EQ(test, 0, value_init(&b, NF_DICT_LONG_STRING, s, 4094));
	KUNIT_EXPECT_NE(test, a.bits, b.bits);
	nf_dict_value_put(&b);
	nf_dict_value_put(&a);
	KUNIT_ASSERT_EQ(test, 0, value_init(&a, NF_DICT_LONG_STRING, s, 0));
	nf_dict_value_data(&a, &len);
	KUNIT_EXPECT_EQ(test, 0, len);
	nf_dict_value_put(&a);
}

static void expect_list(struct kunit *test, const struct nf_dict_value *value,
			const char *want)
{
	unsigned int len;
	const char *data;
	char text[64];

	KUNIT_ASSERT_EQ(test, NF_DICT_STRING_LIST, value->type);
	data = nf_dict_value_data(value, &len);
	KUNIT_ASSERT_LT(test, len, sizeof(text));
	memcpy(text, data, len);
	text[len] = '\0';
	for (; len; len--)
		if (!text[len - 1])
			text[len - 1] = ',';
	KUNIT_EXPECT_STREQ(test, want, text);
}

/* Members are sorted and unique; equal lists share one object. */
static void list_members(struct kunit *test)
{
	static const struct {
		const char	*members;
		const char	*list;
	} cases[] = {
		{ "", "" },
		{ "a", "a" },
		{ "b,a", "a,b" },
		{ "ab,a,b,aa", "a,aa,ab,b" },
		{ "b,a,b,a,b", "a,b" },
		{ "exec,onsite,engineering", "engineering,exec,onsite" },
		{ "\xff,A,a,~", "A,a,~,\xff" },
	};
	struct nf_dict_value value, again;
	struct nf_dict_key key;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		value = list_value(test, cases[i].members);
		expect_list(test, &value, cases[i].list);
		KUNIT_EXPECT_FALSE(test, nf_dict_key_from_value(&key, &value));
		again = list_value(test, cases[i].list);
		KUNIT_EXPECT_EQ(test, value.bits, again.bits);
		nf_dict_value_put(&again);
		/* A string of the same bytes is a different object. */
		again = string_value(test, cases[i].list);
		KUNIT_EXPECT_NE(test, value.bits, again.bits);
		nf_dict_value_put(&again);
		nf_dict_value_put(&value);
	}
}

/* @n members of @len bytes each, with different first three bytes. */
static unsigned int fill_members(char *text, unsigned int n, unsigned int len)
{
	unsigned int i;

	memset(text, 'x', n * (len + 1));
	for (i = 0; i < n; i++) {
		char *member = text + i * (len + 1);

		member[0] = 'a' + i / 100;
		member[1] = '0' + i / 10 % 10;
		member[2] = '0' + i % 10;
		member[len] = '\0';
	}

	return n * (len + 1) - 1;
}

static void list_limits(struct kunit *test)
{
	static const struct {
		const char	*data;
		u8		len;
	} empty[] = {
		{ "", 1 }, { "a", 2 }, { "\0a", 2 }, { "a\0", 3 },
		{ "a\0\0b", 4 }, { "\0", 2 },
	};
	struct nf_dict_value value;
	unsigned int i, len;
	char *text;

	for (i = 0; i < ARRAY_SIZE(empty); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    value_init(&value, NF_DICT_STRING_LIST,
					       empty[i].data, empty[i].len),
				    "case %u", i);

	text = kunit_kzalloc(test, 2 * NF_DICT_STRING_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	len = fill_members(text, NF_DICT_LIST_MAX, 3);
	KUNIT_ASSERT_EQ(test, 0,
			value_init(&value, NF_DICT_STRING_LIST, text, len));
	nf_dict_value_put(&value);
	len = fill_members(text, NF_DICT_LIST_MAX + 1, 3);
	KUNIT_EXPECT_EQ(test, -E2BIG,
			value_init(&value, NF_DICT_STRING_LIST, text, len));

	/* One member as long as the list may be, and many. */
	for (i = NF_DICT_STRING_MAX; i > 30; i = i > 31 ? 31 : 30) {
		len = fill_members(text, 4096 / (i + 1), i);
		KUNIT_ASSERT_EQ(test, NF_DICT_STRING_MAX, len);
		KUNIT_ASSERT_EQ(test, 0, value_init(&value, NF_DICT_STRING_LIST,
						    text, len));
		nf_dict_value_put(&value);
		text[len] = 'x';
		KUNIT_EXPECT_EQ(test, -ENAMETOOLONG,
				value_init(&value, NF_DICT_STRING_LIST, text,
					   len + 1));
	}
}

static void reg_forms(struct kunit *test)
{
	static const struct {
		struct nf_dict_reg	form;
		int			err;
	} cases[] = {
		{ { NF_DICT_UNSPEC, 0 }, -EINVAL },
		{ { NF_DICT_BOOL, 1 }, 0 },
		{ { NF_DICT_BOOL, 4 }, -EINVAL },
		{ { NF_DICT_INT, 4 }, 0 },
		{ { NF_DICT_INT, 8 }, -EINVAL },
		{ { NF_DICT_INT64, 8 }, 0 },
		{ { NF_DICT_IPV4_ADDR, 4 }, 0 },
		{ { NF_DICT_IPV6_ADDR, 16 }, 0 },
		{ { NF_DICT_ETHER_ADDR, 6 }, 0 },
		{ { NF_DICT_ETHER_ADDR, 8 }, -EINVAL },
		{ { NF_DICT_NUMBER, 0 }, -EINVAL },
		{ { NF_DICT_NUMBER, 1 }, 0 },
		{ { NF_DICT_NUMBER, 8 }, 0 },
		{ { NF_DICT_NUMBER, 9 }, -EINVAL },
		{ { NF_DICT_LONG_STRING, 0 }, -EINVAL },
		{ { NF_DICT_LONG_STRING, 64 }, 0 },
		{ { NF_DICT_LONG_STRING, 65 }, -EINVAL },
		{ { __NF_DICT_TYPE_MAX, 4 }, -EINVAL },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].err,
				    nf_dict_reg_check(&cases[i].form),
				    "case %u", i);
}

/* memcmp() keeps the order of signed numbers, which convert back unchanged. */
static void reg_signed_order(struct kunit *test)
{
	static const s64 nums[] = {
		S64_MIN, S64_MIN + 1, (s64)S32_MIN - 1, S32_MIN, S32_MIN + 1,
		-65536, -256, -255, -2, -1, 0, 1, 2, 127, 128, 255, 256, 65535,
		65536, S32_MAX - 1, S32_MAX, (s64)S32_MAX + 1, U32_MAX,
		S64_MAX - 1, S64_MAX,
	};
	static const struct nf_dict_reg form64 = { NF_DICT_INT64, 8 };
	static const struct nf_dict_reg form32 = { NF_DICT_INT, 4 };
	struct nf_dict_value value, back;
	u32 reg[2], prev[2];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nums); i++) {
		value = int_value(NF_DICT_INT64, nums[i]);
		KUNIT_EXPECT_TRUE(test,
				  nf_dict_value_to_reg(&value, &form64, reg));
		if (i)
			KUNIT_EXPECT_LT_MSG(test, memcmp(prev, reg, 8), 0,
					    "%lld", nums[i]);
		memcpy(prev, reg, 8);
		KUNIT_EXPECT_EQ(test, 0,
				nf_dict_value_from_reg(TEST_NET, &back,
						       NF_DICT_INT64, &form64,
						       reg));
		KUNIT_EXPECT_EQ(test, nums[i], nf_dict_value_num(&back));
	}

	for (i = 0; i < ARRAY_SIZE(nums); i++) {
		if (nums[i] < S32_MIN || nums[i] > S32_MAX)
			continue;
		value = int_value(NF_DICT_INT, nums[i]);
		KUNIT_EXPECT_TRUE(test,
				  nf_dict_value_to_reg(&value, &form32, reg));
		if (nums[i] != S32_MIN)
			KUNIT_EXPECT_LT_MSG(test, memcmp(prev, reg, 4), 0,
					    "%lld", nums[i]);
		memcpy(prev, reg, 4);
		KUNIT_EXPECT_EQ(test, 0,
				nf_dict_value_from_reg(TEST_NET, &back,
						       NF_DICT_INT, &form32,
						       reg));
		KUNIT_EXPECT_EQ(test, nums[i], nf_dict_value_num(&back));
	}

	value = int_value(NF_DICT_INT, 5);
	nf_dict_value_to_reg(&value, &form32, reg);
	KUNIT_EXPECT_EQ(test, 0, memcmp(reg, "\x80\0\0\x05", 4));
}

static void reg_plain_integer(struct kunit *test)
{
	struct nf_dict_reg form = { NF_DICT_NUMBER, 4, true };
	struct nf_dict_value value;
	u32 reg[2];
	u8 len;

	value = int_value(NF_DICT_INT, 0x1234);
	KUNIT_EXPECT_TRUE(test, nf_dict_value_to_reg(&value, &form, reg));
	KUNIT_EXPECT_EQ(test, 0x1234, reg[0]);
	form.host = false;
	KUNIT_EXPECT_TRUE(test, nf_dict_value_to_reg(&value, &form, reg));
	KUNIT_EXPECT_EQ(test, 0, memcmp(reg, "\0\0\x12\x34", 4));
	form.len = 2;
	reg[0] = ~0;
	KUNIT_EXPECT_TRUE(test, nf_dict_value_to_reg(&value, &form, reg));
	KUNIT_EXPECT_EQ(test, 0, memcmp(reg, "\x12\x34\0\0", 4));
	form.host = true;
	reg[0] = ~0;
	KUNIT_EXPECT_TRUE(test, nf_dict_value_to_reg(&value, &form, reg));
	KUNIT_EXPECT_EQ(test, 0x1234, *(u16 *)reg);
	form.len = 1;
	KUNIT_EXPECT_FALSE(test, nf_dict_value_to_reg(&value, &form, reg));

	value = int_value(NF_DICT_INT, -1);
	form.len = 8;
	KUNIT_EXPECT_FALSE(test, nf_dict_value_to_reg(&value, &form, reg));
	value = int_value(NF_DICT_BOOL, 1);
	KUNIT_EXPECT_FALSE(test, nf_dict_value_to_reg(&value, &form, reg));

	/* The largest number that fits a width, and one more. */
	for (len = 1; len <= 7; len++) {
		form.len = len;
		value = int_value(NF_DICT_INT64, (1LL << (8 * len)) - 1);
		KUNIT_EXPECT_TRUE_MSG(test,
				      nf_dict_value_to_reg(&value, &form, reg),
				      "length %u", len);
		value.bits++;
		KUNIT_EXPECT_FALSE_MSG(test,
				       nf_dict_value_to_reg(&value, &form, reg),
				       "length %u", len);
	}
}

static void reg_to_field(struct kunit *test)
{
	struct nf_dict_reg form = { NF_DICT_NUMBER, 4, true };
	struct nf_dict_value value;
	u32 reg[4] = { S32_MAX };

	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_value_from_reg(TEST_NET, &value, NF_DICT_INT,
					       &form, reg));
	KUNIT_EXPECT_EQ(test, S32_MAX, nf_dict_value_num(&value));
	reg[0] = (u32)S32_MAX + 1;
	KUNIT_EXPECT_EQ(test, -ERANGE,
			nf_dict_value_from_reg(TEST_NET, &value, NF_DICT_INT,
					       &form, reg));
	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_value_from_reg(TEST_NET, &value,
					       NF_DICT_NUMBER, &form, reg));
	KUNIT_EXPECT_EQ(test, NF_DICT_INT64, value.type);
	KUNIT_EXPECT_EQ(test, (s64)S32_MAX + 1, nf_dict_value_num(&value));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			nf_dict_value_from_reg(TEST_NET, &value,
					       NF_DICT_IPV4_ADDR, &form, reg));
	form.len = 8;
	memset(reg, 0xff, 8);
	KUNIT_EXPECT_EQ(test, -ERANGE,
			nf_dict_value_from_reg(TEST_NET, &value, NF_DICT_INT64,
					       &form, reg));

	form = (struct nf_dict_reg){ NF_DICT_LONG_STRING, 16 };
	memset(reg, 0, sizeof(reg));
	memcpy(reg, "eth0", 4);
	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_value_from_reg(TEST_NET, &value,
					       NF_DICT_LONG_STRING, &form,
					       reg));
	KUNIT_EXPECT_EQ(test, 4, nf_dict_atom_len(nf_dict_value_atom(&value)));
	KUNIT_EXPECT_TRUE(test, nf_dict_value_to_reg(&value, &form, reg));
	KUNIT_EXPECT_EQ(test, 0, memcmp(reg, "eth0\0\0\0\0\0\0\0\0\0\0\0", 16));
	form.len = 3;
	KUNIT_EXPECT_FALSE(test, nf_dict_value_to_reg(&value, &form, reg));
	form.len = 4;
	KUNIT_EXPECT_TRUE(test, nf_dict_value_to_reg(&value, &form, reg));
	nf_dict_value_put(&value);
}

static void reg_addresses(struct kunit *test)
{
	static const struct {
		struct nf_dict_reg	form;
		u8			data[16];
	} cases[] = {
		{ { NF_DICT_IPV4_ADDR, 4 }, { 192, 168, 1, 100 } },
		{ { NF_DICT_ETHER_ADDR, 6 }, { 0, 0x11, 0x22, 0x33, 0x44, 5 } },
		{ { NF_DICT_IPV6_ADDR, 16 }, { 0x20, 1, 0xd, 0xb8, [15] = 1 } },
		{ { NF_DICT_BOOL, 1 }, { 1 } },
	};
	struct nf_dict_value value, back;
	unsigned int i;
	u32 reg[4];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct nf_dict_reg *form = &cases[i].form;

		KUNIT_ASSERT_EQ(test, 0, value_init(&value, form->type,
						    cases[i].data, form->len));
		memset(reg, 0xff, sizeof(reg));
		KUNIT_EXPECT_TRUE(test,
				  nf_dict_value_to_reg(&value, form, reg));
		KUNIT_EXPECT_EQ_MSG(test, 0,
				    memcmp(reg, cases[i].data,
					   round_up(form->len, 4)),
				    "case %u", i);
		KUNIT_EXPECT_EQ(test, 0,
				nf_dict_value_from_reg(TEST_NET, &back,
						       form->type, form, reg));
		KUNIT_EXPECT_EQ(test, value.bits, back.bits);
		nf_dict_value_put(&back);
		nf_dict_value_put(&value);
	}

	/* A register of one type is not read as another. */
	value = int_value(NF_DICT_INT, 1);
	KUNIT_EXPECT_FALSE(test, nf_dict_value_to_reg(&value, &cases[0].form,
						      reg));
	KUNIT_EXPECT_FALSE(test,
			   nf_dict_value_to_reg(&value,
						&(struct nf_dict_reg){
							NF_DICT_INT64, 8
						}, reg));
}

/* Patterns */

struct pattern_case {
	const char	*pattern;
	const char	*string;
	bool		match;
};

static const struct pattern_case pattern_cases[] = {
	{ "brett", "brett", true },
	{ "brett", "brett1", false },
	{ "brett", "bret", false },
	{ "", "", true },
	{ "", "a", false },
	{ "bre*", "brett", true },
	{ "bre*", "bre", true },
	{ "bre*", "bra", false },
	{ "?rett", "brett", true },
	{ "?rett", "rett", false },
	{ "?", "", false },
	{ "bret[a-z]", "brett", true },
	{ "bret[a-z]", "bret1", false },
	{ "bret[!a-z]", "bret1", true },
	{ "bret[!a-z]", "brett", false },
	{ "*NEST*", "x NEST y", true },
	{ "*NEST*", "NEST", true },
	{ "*NEST*", "NES T", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "**", "anything", true },
	{ "a*b*c", "aXbYc", true },
	{ "a*b*c", "aXbYcZ", false },
	{ "a*b*c", "abcbc", true },
	{ "*a", "aaaaab", false },
	{ "*ab", "aaaaab", true },
	{ "*.example.org", "www.example.org", true },
	{ "*.example.org", "example.org", false },
	{ "[]]", "]", true },
	{ "[!]]", "]", false },
	{ "[!]]", "a", true },
	{ "[a-]", "-", true },
	{ "[a-]", "b", false },
	{ "[-a]", "-", true },
	{ "[a\\]b]", "]", true },
	{ "[\\!a]", "!", true },
	{ "[\x80-\xff]", "\xc3", true },
	{ "\\*", "*", true },
	{ "\\*", "a", false },
	{ "a\\\\b", "a\\b", true },
	{ "a\\?*", "a?bc", true },
	{ "a\\?*", "abbc", false },
};

static void pattern_desc(const struct pattern_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %s %s", c->pattern,
		 c->match ? "matches" : "does not match", c->string);
}

KUNIT_ARRAY_PARAM(pattern, pattern_cases, pattern_desc);

static void pattern_match(struct kunit *test)
{
	const struct pattern_case *c = test->param_value;
	struct nf_dict_patterns *patterns;
	struct nf_dict_value value;
	unsigned int len;
	int i;

	patterns = string_patterns(1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, patterns);
	KUNIT_EXPECT_EQ(test, 0, nf_dict_patterns_add(patterns, c->pattern,
						      strlen(c->pattern)));
	KUNIT_EXPECT_EQ(test, -ENOSPC, nf_dict_patterns_add(patterns, "x", 1));
	KUNIT_EXPECT_EQ(test, 1, nf_dict_patterns_count(patterns));
	KUNIT_EXPECT_STREQ(test, c->pattern,
			   nf_dict_patterns_get(patterns, 0, &len));
	KUNIT_EXPECT_EQ(test, strlen(c->pattern), len);

	value = string_value(test, c->string);
	rcu_read_lock();
	/* The first match is evaluated, the second is remembered. */
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, c->match ? 0 : -1,
				nf_dict_patterns_match(patterns, &value));
	rcu_read_unlock();
	nf_dict_value_put(&value);

	value = int_value(NF_DICT_INT, 1);
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, -1, nf_dict_patterns_match(patterns, &value));
	rcu_read_unlock();
	nf_dict_patterns_free(patterns);
}

static void pattern_refused(struct kunit *test)
{
	static const char * const bad[] = {
		"[", "[a", "a[", "[]", "[!]", "[!", "[z-a]", "\\", "a\\", "[a\\",
		"[a-\\", "[a-z", "*[",
	};
	struct nf_dict_patterns *patterns;
	char s[NF_DICT_PATTERN_MAX + 1];
	unsigned int i;

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    string_patterns(0));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    string_patterns(NF_DICT_PATTERNS_MAX + 1));
	patterns = string_patterns(2);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, patterns);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    nf_dict_patterns_add(patterns, bad[i],
							 strlen(bad[i])),
				    "%s", bad[i]);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			nf_dict_patterns_add(patterns, "a\0b", 3));
	memset(s, '?', sizeof(s));
	KUNIT_EXPECT_EQ(test, -ENAMETOOLONG,
			nf_dict_patterns_add(patterns, s, 129));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_patterns_add(patterns, s, 128));
	KUNIT_EXPECT_EQ(test, 1, nf_dict_patterns_count(patterns));
	nf_dict_patterns_free(patterns);
}

/* The first pattern that matches decides, for each string at any time. */
static void pattern_set(struct kunit *test)
{
	static const char * const set[] = { "a*", "*z", "exact", "b[0-9]" };
	static const struct {
		const char	*string;
		int		index;
	} cases[] = {
		{ "abc", 0 }, { "abz", 0 }, { "xyz", 1 }, { "exact", 2 },
		{ "b7", 3 }, { "bb", -1 }, { "", -1 },
	};
	struct nf_dict_patterns *patterns;
	struct nf_dict_value value;
	unsigned int i, round;
	char s[16];

	patterns = string_patterns(ARRAY_SIZE(set));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, patterns);
	for (i = 0; i < ARRAY_SIZE(set); i++)
		KUNIT_ASSERT_EQ(test, 0,
				nf_dict_patterns_add(patterns, set[i],
						     strlen(set[i])));

	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			value = string_value(test, cases[i].string);
			rcu_read_lock();
			KUNIT_EXPECT_EQ_MSG(test, cases[i].index,
					    nf_dict_patterns_match(patterns,
								   &value),
					    "%s", cases[i].string);
			rcu_read_unlock();
			nf_dict_value_put(&value);
		}
	}

	/* More strings than are remembered. */
	for (i = 0; i < 5000; i++) {
		cond_resched();
		snprintf(s, sizeof(s), "%c%u", i & 1 ? 'a' : 'c', i);
		value = string_value(test, s);
		rcu_read_lock();
		KUNIT_ASSERT_EQ_MSG(test, i & 1 ? 0 : -1,
				    nf_dict_patterns_match(patterns, &value),
				    "%s", s);
		rcu_read_unlock();
		nf_dict_value_put(&value);
	}
	nf_dict_patterns_free(patterns);
}

/* A list matches if any member does; the first such pattern decides. */
static void list_patterns(struct kunit *test)
{
	static const char * const set[] = { "sales", "b*", "exec", "?", "*" };
	static const struct {
		const char	*list;
		int		index[5];	/* with the first patterns only */
	} cases[] = {
		{ "", { -1, -1, -1, -1, -1 } },
		{ "sales", { 0, 0, 0, 0, 0 } },
		{ "engineering,sales", { 0, 0, 0, 0, 0 } },
		{ "presales", { -1, -1, -1, -1, 4 } },
		{ "presales,salesman", { -1, -1, -1, -1, 4 } },
		{ "exec,z", { -1, -1, 2, 2, 2 } },
		{ "bz,exec", { -1, 1, 1, 1, 1 } },
		{ "a,exec", { -1, -1, 2, 2, 2 } },
		{ "a,xb", { -1, -1, -1, 3, 3 } },
	};
	struct nf_dict_patterns *patterns;
	struct nf_dict_value value;
	unsigned int i, n, round;

	for (n = 1; n <= ARRAY_SIZE(set); n++) {
		patterns = nf_dict_patterns_alloc(TEST_NET, n,
						  NF_DICT_STRING_LIST);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, patterns);
		for (i = 0; i < n; i++)
			KUNIT_ASSERT_EQ(test, 0,
					nf_dict_patterns_add(patterns, set[i],
							     strlen(set[i])));
		/* Evaluated, and remembered. */
		for (round = 0; round < 2; round++) {
			for (i = 0; i < ARRAY_SIZE(cases); i++) {
				value = list_value(test, cases[i].list);
				rcu_read_lock();
				KUNIT_EXPECT_EQ_MSG(test, cases[i].index[n - 1],
						    nf_dict_patterns_match(patterns,
									   &value),
						    "%s, %u patterns",
						    cases[i].list, n);
				rcu_read_unlock();
				nf_dict_value_put(&value);
			}
		}
		value = string_value(test, "sales");
		KUNIT_EXPECT_EQ(test, -1,
				nf_dict_patterns_match(patterns, &value));
		nf_dict_value_put(&value);
		nf_dict_patterns_free(patterns);
	}

	patterns = string_patterns(1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, patterns);
	KUNIT_ASSERT_EQ(test, 0, nf_dict_patterns_add(patterns, "*", 1));
	value = list_value(test, "sales");
	KUNIT_EXPECT_EQ(test, -1, nf_dict_patterns_match(patterns, &value));
	nf_dict_value_put(&value);
	nf_dict_patterns_free(patterns);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    nf_dict_patterns_alloc(TEST_NET, 1, NF_DICT_INT));
}

/* Members of more than one piece. */
static void list_patterns_long(struct kunit *test)
{
	struct nf_dict_patterns *patterns;
	struct nf_dict_value value;
	char *text;

	text = kunit_kzalloc(test, NF_DICT_STRING_MAX + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	fill_members(text, 8, 511);
	text[8 * 512 - 2] = 'y';
	patterns = nf_dict_patterns_alloc(TEST_NET, 2, NF_DICT_STRING_LIST);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, patterns);
	KUNIT_ASSERT_EQ(test, 0, nf_dict_patterns_add(patterns, "a07*y", 5));
	KUNIT_ASSERT_EQ(test, 0, nf_dict_patterns_add(patterns, "a06*x", 5));

	KUNIT_ASSERT_EQ(test, 0, value_init(&value, NF_DICT_STRING_LIST, text,
					    NF_DICT_STRING_MAX));
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, 0, nf_dict_patterns_match(patterns, &value));
	rcu_read_unlock();
	nf_dict_value_put(&value);

	/* A pattern does not match across two members. */
	KUNIT_ASSERT_EQ(test, 0, value_init(&value, NF_DICT_STRING_LIST, text,
					    6 * 512 - 1));
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, -1, nf_dict_patterns_match(patterns, &value));
	rcu_read_unlock();
	nf_dict_value_put(&value);
	nf_dict_patterns_free(patterns);
}

/*
 * The same answer in the plainest way: @at has the places in the string that
 * what was read of the pattern may end at. For patterns of letters, ?, * and
 * brackets of plain letters.
 */
static bool slow_match(const char *p, const char *s, unsigned int len, u8 *at)
{
	unsigned int i;

	memset(at, 0, len + 1);
	at[0] = 1;
	while (*p) {
		const char *set = p;
		bool invert = false;

		if (*p == '*') {
			for (i = 1; i <= len; i++)
				at[i] |= at[i - 1];
			p++;
			continue;
		}
		if (*p == '[') {
			invert = p[1] == '!';
			set = p + 1 + invert;
			p = strchr(set, ']');
		}
		for (i = len; i > 0; i--) {
			bool fits = *p == '?';

			if (*p == ']')
				fits = !!memchr(set, s[i - 1], p - set) !=
				       invert;
			else if (*p != '?')
				fits = *p == s[i - 1];
			at[i] = at[i - 1] && fits;
		}
		at[0] = 0;
		p++;
	}

	return at[len];
}

/* More patterns than are matched in one pass over a long string. */
#define LONG_FILLERS	150

#define A16	"aaaaaaaaaaaaaaaa"
#define ANY16	"????????????????"

/* Patterns with as many open states as possible, and some of each kind. */
static const char * const long_patterns[] = {
	"", "*", "?", "a", "a*", "*a", "*b", "*ab", "*a*", "*b*", "*ba*", "a*b",
	"*a?*b", "*[ab][!a]*", "*?b", "b*?a", "*aaaaaaab", "*aaaaaaaa*b*",
	"*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "*b?????????b", "??????*??????b*",
	"*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*",
	"*" A16 A16 A16 A16 A16 A16 A16 "aaaaaaaaaaaab",
	"*" ANY16 ANY16 ANY16 ANY16 ANY16 ANY16 ANY16 "????????????b",
	"*a" ANY16 ANY16 ANY16 ANY16 ANY16 ANY16 ANY16 "????????????b*",
	ANY16 ANY16 ANY16 ANY16 ANY16 ANY16 ANY16 "???????????????b",
	"*[ab][ab][ab][ab][ab][ab][ab][ab][ab][ab][ab][ab][ab][ab][ab][ab]b[!b]*",
};

/* Each length near the end of a piece, the longest, and some at random. */
static unsigned int long_length(unsigned int i)
{
	static const u16 near[] = {
		0, 1, 2, 63, 64, 65, 126, 127, 128, 129, 130, 191, 192, 193,
		254, 255, 256, 257, 258, 383, 384, 385, 3967, 3968, 3969, 4093,
		4094, 4095,
	};

	return i < ARRAY_SIZE(near) ? near[i] :
				      get_random_u32_below(NF_DICT_STRING_MAX);
}

/* Strings of 0 to 4,095 bytes, one pattern at a time and all as a set. */
static void pattern_long(struct kunit *test)
{
	char *s = kunit_kmalloc(test, NF_DICT_STRING_MAX, GFP_KERNEL);
	u8 *at = kunit_kmalloc(test, NF_DICT_STRING_MAX + 1, GFP_KERNEL);
	struct nf_dict_patterns *all, *one[ARRAY_SIZE(long_patterns)];
	unsigned int i, j, k, len, rare;
	struct nf_dict_value value;
	int first, wanted;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_NOT_NULL(test, at);

	/* Patterns that match anything come last: the first match decides. */
	all = string_patterns(2 * LONG_FILLERS);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, all);
	for (i = 0; i < ARRAY_SIZE(long_patterns); i++) {
		one[i] = string_patterns(1);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, one[i]);
		KUNIT_ASSERT_EQ(test, 0,
				nf_dict_patterns_add(one[i], long_patterns[i],
						     strlen(long_patterns[i])));
	}
	/* More than are matched in one pass, most of which match nothing. */
	for (i = 0; i < LONG_FILLERS; i++)
		KUNIT_ASSERT_EQ(test, 0, nf_dict_patterns_add(all, "*z?a*", 5));
	for (i = ARRAY_SIZE(long_patterns); i-- > 0;)
		KUNIT_ASSERT_EQ(test, 0,
				nf_dict_patterns_add(all, long_patterns[i],
						     strlen(long_patterns[i])));

	for (i = 0; i < 120; i += ROUND_STEP) {
		len = long_length(i / 2);
		/* All bytes the same, or one in 8 or one in 500 different. */
		rare = i % 6 < 2 ? 0 : i % 6 < 4 ? 8 : 500;
		for (j = 0; j < len; j++)
			s[j] = rare && !get_random_u32_below(rare) ? 'b' : 'a';
		if (len && i % 2)
			s[len - 1] = 'b';
		value = bytes_value(test, s, len);

		first = -1;
		for (j = 0; j < ARRAY_SIZE(long_patterns); j++) {
			k = ARRAY_SIZE(long_patterns) - 1 - j;
			wanted = slow_match(long_patterns[j], s, len, at) ?
				 0 : -1;
			if (!wanted)
				first = LONG_FILLERS + k;
			rcu_read_lock();
			KUNIT_EXPECT_EQ_MSG(test, wanted,
					    nf_dict_patterns_match(one[j],
								   &value),
					    "%s, %u bytes", long_patterns[j],
					    len);
			rcu_read_unlock();
		}
		rcu_read_lock();
		KUNIT_EXPECT_EQ_MSG(test, first,
				    nf_dict_patterns_match(all, &value),
				    "%u bytes", len);
		rcu_read_unlock();
		nf_dict_value_put(&value);
		cond_resched();
	}

	for (i = 0; i < ARRAY_SIZE(long_patterns); i++)
		nf_dict_patterns_free(one[i]);
	nf_dict_patterns_free(all);
}

/* A pattern of few letters in @p, which has room for 48 bytes. */
static void random_pattern(char *p, unsigned int i)
{
	static const char * const steps[] = {
		"a", "b", "?", "*", "[ab]", "[!a]", "a", "b",
	};
	unsigned int j;

	p[0] = '\0';
	if (i % 4)
		strcat(p, "*");
	for (j = get_random_u32_below(9); j > 0; j--)
		strcat(p, steps[get_random_u32_below(ARRAY_SIZE(steps))]);
	if (i % 8 > 3)
		strcat(p, "*");
}

/* Random patterns and strings of few letters, so that many match. */
static void pattern_random(struct kunit *test)
{
	char *s = kunit_kmalloc(test, NF_DICT_STRING_MAX, GFP_KERNEL);
	u8 *at = kunit_kmalloc(test, NF_DICT_STRING_MAX + 1, GFP_KERNEL);
	struct nf_dict_patterns *patterns;
	struct nf_dict_value value;
	unsigned int i, j, len, matches = 0;
	char p[48];
	bool match;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_NOT_NULL(test, at);

	for (i = 0; i < 2000; i += ROUND_STEP) {
		random_pattern(p, i);
		patterns = string_patterns(1);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, patterns);
		KUNIT_ASSERT_EQ(test, 0,
				nf_dict_patterns_add(patterns, p, strlen(p)));

		len = get_random_u32_below(i % 2 ? 12 : 400);
		for (j = 0; j < len; j++)
			s[j] = get_random_u32_below(i % 3 ? 3 : 100) ?
			       'a' : 'b';
		value = bytes_value(test, s, len);
		match = slow_match(p, s, len, at);
		matches += match;
		rcu_read_lock();
		KUNIT_EXPECT_EQ_MSG(test, match ? 0 : -1,
				    nf_dict_patterns_match(patterns, &value),
				    "%s, %.*s", p, len, s);
		rcu_read_unlock();
		nf_dict_value_put(&value);
		nf_dict_patterns_free(patterns);
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, matches, 200 / ROUND_STEP);
	KUNIT_EXPECT_LT(test, matches, 1800 / ROUND_STEP);
}

/*
 * A list in @text, with up to @longest bytes to a member. Members often end where
 * 128 bytes of the list do, or one before or behind that.
 */
static unsigned int random_list(char *text, unsigned int max,
				unsigned int longest)
{
	unsigned int len = 0, n, size, odds = 2 + get_random_u32_below(30);

	for (n = 0; n < NF_DICT_LIST_MAX; n++) {
		size = 1 + get_random_u32_below(longest);
		if (!get_random_u32_below(4))
			size = 126 + get_random_u32_below(3) - len % 128;
		size = clamp_t(int, size, 1, longest);
		if (len + !!len + size > max)
			break;
		if (len)
			text[len++] = '\0';
		for (; size > 0; size--)
			text[len++] = get_random_u32_below(odds) ? 'a' : 'b';
	}

	return len;
}

static bool slow_match_list(const char *p, const char *list, unsigned int len,
			    u8 *at)
{
	const char *member = NULL;

	while ((member = nf_dict_list_next(list, len, member)))
		if (slow_match(p, member, strlen(member), at))
			return true;

	return false;
}

/* More patterns than are matched in one pass over a piece of a list. */
#define LIST_FILLERS	127

/* Random patterns and lists, one pattern and the first of many. */
static void list_patterns_random(struct kunit *test)
{
	u8 *at = kunit_kmalloc(test, NF_DICT_STRING_MAX + 1, GFP_KERNEL);
	char *s = kunit_kmalloc(test, NF_DICT_STRING_MAX, GFP_KERNEL);
	unsigned int i, j, n, len, fillers, found[4] = {};
	struct nf_dict_patterns *patterns;
	struct nf_dict_value value;
	const char *list;
	char p[3][48];
	int want;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_NOT_NULL(test, at);

	for (i = 0; i < 2000; i += ROUND_STEP) {
		n = 1 + i % ARRAY_SIZE(p);
		fillers = i % 10 ? 0 : LIST_FILLERS;
		patterns = nf_dict_patterns_alloc(TEST_NET, fillers + n,
						  NF_DICT_STRING_LIST);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, patterns);
		for (j = 0; j < fillers; j++)
			KUNIT_ASSERT_EQ(test, 0,
					nf_dict_patterns_add(patterns, "*z?a*",
							     5));
		for (j = 0; j < n; j++) {
			random_pattern(p[j], i / 3 + j);
			KUNIT_ASSERT_EQ(test, 0,
					nf_dict_patterns_add(patterns, p[j],
							     strlen(p[j])));
		}

		len = random_list(s, i % 5 ? 500 : NF_DICT_STRING_MAX,
				  i % 2 ? 7 : 300);
		KUNIT_ASSERT_EQ(test, 0, value_init(&value, NF_DICT_STRING_LIST,
						    s, len));
		list = nf_dict_value_data(&value, &len);
		for (j = 0; j < n; j++)
			if (slow_match_list(p[j], list, len, at))
				break;
		found[j == n ? ARRAY_SIZE(p) : j]++;
		want = j == n ? -1 : fillers + j;
		rcu_read_lock();
		KUNIT_EXPECT_EQ_MSG(test, want,
				    nf_dict_patterns_match(patterns, &value),
				    "round %u: %s %s %s, %u bytes", i, p[0],
				    n > 1 ? p[1] : "-", n > 2 ? p[2] : "-",
				    len);
		rcu_read_unlock();
		nf_dict_value_put(&value);
		nf_dict_patterns_free(patterns);
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, found[0], 100 / ROUND_STEP);
	KUNIT_EXPECT_GT(test, found[1], 30 / ROUND_STEP);
	KUNIT_EXPECT_GT(test, found[2], 10 / ROUND_STEP);
	KUNIT_EXPECT_GT(test, found[3], 100 / ROUND_STEP);
}

/* A list takes as much work as a string of its length, whatever its members. */
static void list_patterns_work(struct kunit *test)
{
	static const char * const set[] = { "*zz", "sales", "z*z?" };
	const unsigned int pieces = DIV_ROUND_UP(NF_DICT_STRING_MAX, 128);
	char *text = kunit_kzalloc(test, NF_DICT_STRING_MAX + 1, GFP_KERNEL);
	struct nf_dict_patterns *patterns;
	struct nf_dict_value value;
	unsigned int i, len;
	u64 tries;

	KUNIT_ASSERT_NOT_NULL(test, text);
	patterns = nf_dict_patterns_alloc(TEST_NET, ARRAY_SIZE(set),
					  NF_DICT_STRING_LIST);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, patterns);
	for (i = 0; i < ARRAY_SIZE(set); i++)
		KUNIT_ASSERT_EQ(test, 0,
				nf_dict_patterns_add(patterns, set[i],
						     strlen(set[i])));

	len = fill_members(text, NF_DICT_LIST_MAX, 15);
	KUNIT_ASSERT_EQ(test, 0,
			value_init(&value, NF_DICT_STRING_LIST, text, len));
	rcu_read_lock();
	tries = nf_dict_pattern_tries();
	KUNIT_EXPECT_EQ(test, -1, nf_dict_patterns_match(patterns, &value));
	tries = nf_dict_pattern_tries() - tries;
	KUNIT_EXPECT_GE(test, tries, 1);
	KUNIT_EXPECT_LE(test, tries, ARRAY_SIZE(set) * pieces);

	/* A list that was seen before takes no steps. */
	tries = nf_dict_pattern_tries();
	KUNIT_EXPECT_EQ(test, -1, nf_dict_patterns_match(patterns, &value));
	KUNIT_EXPECT_EQ(test, tries, nf_dict_pattern_tries());
	rcu_read_unlock();

	nf_dict_value_put(&value);
	nf_dict_patterns_free(patterns);
}

/* Tables */

static void table_names(struct kunit *test)
{
	const struct nf_dict_table_params any = {};
	const struct nf_dict_table_params params = {
		.size		= 10,
		.timeout	= 20,
	};
	char name[NF_DICT_NAME_MAX + 1];
	struct nf_dict_table *table;

	memset(name, 't', sizeof(name));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    nf_dict_table_create(TEST_NET, name, 0, &any,
						 false));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENAMETOOLONG),
			    nf_dict_table_create(TEST_NET, name, 129, &any,
						 false));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    nf_dict_table_use(TEST_NET, "a,b", 3,
					      NF_DICT_KEY_INT));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOENT),
			    nf_dict_table_find(TEST_NET, name, 128));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    nf_dict_table_find(TEST_NET, name, 0));

	table = nf_dict_table_create(TEST_NET, name, 128, &params, true);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, table);
	KUNIT_EXPECT_EQ(test, 128, nf_dict_table_name_len(table));
	KUNIT_EXPECT_EQ(test, 0, memcmp(name, nf_dict_table_name(table), 128));
	KUNIT_EXPECT_EQ(test, 10, nf_dict_table_size(table));
	KUNIT_EXPECT_EQ(test, 20, nf_dict_table_timeout(table));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_delete(table));
	KUNIT_EXPECT_EQ(test, -ENOENT, nf_dict_table_delete(table));
	KUNIT_EXPECT_EQ(test, -ENOENT, nf_dict_table_flush(table));
	KUNIT_EXPECT_EQ(test, -ENOENT, nf_dict_table_change(table, 1, 1));
	nf_dict_table_put(table);
}

static void table_create_and_change(struct kunit *test)
{
	struct nf_dict_table *table = test_table_sized(test, "kunit-a", 5, 6);
	const struct nf_dict_table_params params = {
		.size		= 7,
		.timeout	= 7,
	};
	struct nf_dict_table *same;

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EEXIST),
			    table_create("kunit-a", &params, true));
	same = table_create("kunit-a", &params, false);
	KUNIT_EXPECT_PTR_EQ(test, table, same);
	KUNIT_EXPECT_EQ(test, 5, nf_dict_table_size(table));
	nf_dict_table_put(same);
	same = nf_dict_table_find(TEST_NET, "kunit-a", 7);
	KUNIT_EXPECT_PTR_EQ(test, table, same);
	nf_dict_table_put(same);
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_change(table, 8, 9));
	KUNIT_EXPECT_EQ(test, 8, nf_dict_table_size(table));
	KUNIT_EXPECT_EQ(test, 9, nf_dict_table_timeout(table));
}

static void table_order(struct kunit *test)
{
	struct nf_dict_table *a = test_table(test, "kunit-a");
	struct nf_dict_table *b = test_table(test, "kunit-b");
	struct nf_dict_table *table = NULL;
	unsigned int seen = 0;
	u64 last = 0;

	while ((table = nf_dict_table_next(TEST_NET, table))) {
		KUNIT_EXPECT_GT(test, nf_dict_table_id(table), last);
		last = nf_dict_table_id(table);
		if (table == a)
			seen |= 1;
		if (table == b && seen == 1)
			seen |= 2;
	}
	KUNIT_EXPECT_EQ(test, 3, seen);

	/* Also if the walk continues from a table deleted meanwhile. */
	table = NULL;
	do {
		table = nf_dict_table_next(TEST_NET, table);
		KUNIT_ASSERT_NOT_NULL(test, table);
	} while (table != a);
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_delete(a));
	table = nf_dict_table_next(TEST_NET, table);
	KUNIT_EXPECT_PTR_EQ(test, b, table);
	KUNIT_EXPECT_NULL(test, nf_dict_table_next(TEST_NET, table));
}

/* The most tables that share a bucket of the hash table of names. */
static unsigned int table_longest_chain(struct rhashtable *names)
{
	unsigned int i, chain, longest = 0;
	struct bucket_table *tbl;
	struct rhash_head *head;

	rcu_read_lock();
	tbl = rht_dereference_rcu(names->tbl, names);
	for (i = 0; i < tbl->size; i++) {
		chain = 0;
		rht_for_each_rcu(head, tbl, i)
			chain++;
		longest = max(longest, chain);
	}
	rcu_read_unlock();

	return longest;
}

/* Many tables: a name is compared with few others. */
static void table_many(struct kunit *test)
{
	struct nf_dict_ns *ns = nf_dict_ns(TEST_NET);
	struct nf_dict_table *table;
	unsigned int i;
	char name[24];

	for (i = 0; i < 3000; i += ROUND_STEP) {
		snprintf(name, sizeof(name), "kunit-many-%u", i);
		table = test_table(test, name);
		KUNIT_ASSERT_PTR_EQ(test, table,
				    nf_dict_table_find(TEST_NET, name,
						       strlen(name)));
		nf_dict_table_put(table);
	}
	/* Beyond 16, rhashtable grows at once. */
	KUNIT_EXPECT_LE(test, table_longest_chain(&ns->names), 17);
}

/* What packets read is not in cache lines that others write. */
static void struct_lines(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_SMP))
		kunit_skip(test, "one CPU has all lines");

#define LINE(type, member)	(offsetof(struct type, member) / SMP_CACHE_BYTES)
	KUNIT_EXPECT_NE(test, LINE(nf_dict_atom, id), LINE(nf_dict_atom, refs));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_atom, hash),
			LINE(nf_dict_atom, refs));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_atom, data),
			LINE(nf_dict_atom, refs));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_table, rows),
			LINE(nf_dict_table, refs));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_table, ns),
			LINE(nf_dict_table, refs));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_table, rows),
			LINE(nf_dict_table, drops));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_table, size),
			LINE(nf_dict_table, drops));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_rows, ht.tbl),
			LINE(nf_dict_rows, ht.nelems));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_rows, ht.tbl),
			LINE(nf_dict_rows, count));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_rows, lock_seed),
			LINE(nf_dict_rows, ht.nelems));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_ns, swap_seq),
			LINE(nf_dict_ns, mutex));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_ns, hash_key),
			LINE(nf_dict_ns, refs));
	KUNIT_EXPECT_NE(test, LINE(nf_dict_ns, net),
			LINE(nf_dict_ns, next_string_id));
#undef LINE
}

static void table_use_by_rules(struct kunit *test)
{
	const struct nf_dict_table_params params = { .size = 3 };
	struct nf_dict_table *rule1, *rule2, *table;
	struct nf_dict_atom *field = test_field(test, "f");

	/* A table that rules only name is deleted with the last rule. */
	rule1 = test_use("kunit-u");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rule1);
	rule2 = test_use("kunit-u");
	KUNIT_EXPECT_PTR_EQ(test, rule1, rule2);
	KUNIT_EXPECT_EQ(test, 2, table_stats(rule1).use);
	KUNIT_EXPECT_EQ(test, -EBUSY, nf_dict_table_delete(rule1));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(rule1));
	nf_dict_table_unuse(rule2, NF_DICT_KEY_INT);
	nf_dict_table_unuse(rule1, NF_DICT_KEY_INT);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOENT),
			    nf_dict_table_find(TEST_NET, "kunit-u", 7));

	/* With a row, it stays. */
	rule1 = test_use("kunit-u");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rule1);
	KUNIT_EXPECT_EQ(test, 0, write_int(rule1, int_key(1), field, 1));
	nf_dict_table_unuse(rule1, NF_DICT_KEY_INT);
	table = nf_dict_table_find(TEST_NET, "kunit-u", 7);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, table);
	expect_delete(test, table);

	/* Created by a daemon meanwhile, it stays and has the new limits. */
	rule1 = test_use("kunit-u");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rule1);
	table = table_create("kunit-u", &params, true);
	KUNIT_EXPECT_PTR_EQ(test, rule1, table);
	KUNIT_EXPECT_EQ(test, 3, nf_dict_table_size(table));
	nf_dict_table_unuse(rule1, NF_DICT_KEY_INT);
	expect_delete(test, table);
}

static bool table_seen(const char *name)
{
	struct nf_dict_table *table = NULL, *found;
	bool listed = false;

	found = nf_dict_table_find(TEST_NET, name, strlen(name));
	if (!IS_ERR(found))
		nf_dict_table_put(found);
	while ((table = nf_dict_table_next(TEST_NET, table)))
		listed |= !strcmp(nf_dict_table_name(table), name);

	return listed || !IS_ERR(found);
}

/* A table is created when its transaction is committed, or not at all. */
static void table_use_pending(struct kunit *test)
{
	const struct nf_dict_table_params any = {};
	struct nf_dict_table *rule1, *rule2, *table;

	rule1 = nf_dict_table_use(TEST_NET, "kunit-u", 7, NF_DICT_KEY_INT);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rule1);
	rule2 = nf_dict_table_use(TEST_NET, "kunit-u", 7, NF_DICT_KEY_INT);
	KUNIT_EXPECT_PTR_EQ(test, rule1, rule2);
	KUNIT_EXPECT_FALSE(test, table_seen("kunit-u"));
	nf_dict_table_use_abort(rule2, NF_DICT_KEY_INT);
	KUNIT_EXPECT_FALSE(test, table_seen("kunit-u"));
	nf_dict_table_use_commit(rule1);
	KUNIT_EXPECT_TRUE(test, table_seen("kunit-u"));
	KUNIT_EXPECT_EQ(test, 1, table_stats(rule1).use);

	/* Pending uses keep a table, but are not counted. */
	rule2 = nf_dict_table_use(TEST_NET, "kunit-u", 7, NF_DICT_KEY_INT);
	KUNIT_EXPECT_EQ(test, 1, table_stats(rule1).use);
	nf_dict_table_unuse(rule1, NF_DICT_KEY_INT);
	KUNIT_EXPECT_TRUE(test, table_seen("kunit-u"));
	KUNIT_EXPECT_EQ(test, -EBUSY, nf_dict_table_delete(rule2));
	nf_dict_table_use_abort(rule2, NF_DICT_KEY_INT);
	KUNIT_EXPECT_FALSE(test, table_seen("kunit-u"));

	/* Created by a daemon meanwhile, it stays. */
	rule1 = nf_dict_table_use(TEST_NET, "kunit-u", 7, NF_DICT_KEY_INT);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rule1);
	table = table_create("kunit-u", &any, true);
	KUNIT_EXPECT_PTR_EQ(test, rule1, table);
	KUNIT_EXPECT_TRUE(test, table_seen("kunit-u"));
	nf_dict_table_use_abort(rule1, NF_DICT_KEY_INT);
	KUNIT_EXPECT_TRUE(test, table_seen("kunit-u"));
	expect_delete(test, table);
}

static int swap_tables(struct nf_dict_table *a, struct nf_dict_table *b)
{
	struct nf_dict_table *const tables[] = { a, b };
	unsigned int at;

	return nf_dict_table_swap(tables, 1, &at);
}

static void table_key_class(struct kunit *test)
{
	const struct nf_dict_table_params any = {};
	const struct nf_dict_table_params ipv4 = {
		.key_class	= NF_DICT_KEY_IPV4,
	};
	const struct nf_dict_table_params string = {
		.key_class	= NF_DICT_KEY_STRING,
	};
	struct nf_dict_key addr = bytes_key(NF_DICT_KEY_IPV4, "\1\2\3\4", 4);
	struct nf_dict_table *other = test_table(test, "kunit-b");
	struct nf_dict_atom *field = test_field(test, "f");
	struct nf_dict_table *table;

	table = table_create("kunit-c", &ipv4, true);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, table);
	KUNIT_EXPECT_EQ(test, NF_DICT_KEY_IPV4, nf_dict_table_key_class(table));
	KUNIT_EXPECT_EQ(test, -EINVAL, write_int(table, int_key(1), field, 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(table, addr, field, 1));
	/* A swap of contents does not move it. */
	KUNIT_EXPECT_EQ(test, -EMEDIUMTYPE, swap_tables(table, other));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(table));
	KUNIT_EXPECT_EQ(test, -EINVAL, write_int(table, int_key(1), field, 1));

	KUNIT_EXPECT_PTR_EQ(test, table, table_create("kunit-c", &any, false));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    table_create("kunit-c", &string, false));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    table_create("kunit-b", &string, false));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    nf_dict_table_use(TEST_NET, "kunit-c", 7,
					      NF_DICT_KEY_INT));
	KUNIT_EXPECT_PTR_EQ(test, table,
			    nf_dict_table_use(TEST_NET, "kunit-c", 7,
					      NF_DICT_KEY_IPV4));
	nf_dict_table_use_abort(table, NF_DICT_KEY_IPV4);
	nf_dict_table_put(table);
	expect_delete(test, table);
}

/* Rules that came first, and their rows, must fit the class. */
static void table_key_class_of_rules(struct kunit *test)
{
	const struct nf_dict_table_params any = {};
	const struct nf_dict_table_params string = {
		.key_class	= NF_DICT_KEY_STRING,
	};
	const struct nf_dict_table_params number = {
		.key_class	= NF_DICT_KEY_INT,
	};
	struct nf_dict_atom *field = test_field(test, "f");
	struct nf_dict_key key = int_key(1);
	struct nf_dict_table *rule, *table;

	rule = test_use("kunit-u");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rule);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EBUSY),
			    table_create("kunit-u", &string, true));
	KUNIT_EXPECT_EQ(test, 0, write_int(rule, key, field, 1));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EBUSY),
			    table_create("kunit-u", &number, true));
	KUNIT_EXPECT_EQ(test, 1, read_int(rule, key, field));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(rule, &key));
	table = table_create("kunit-u", &number, true);
	KUNIT_EXPECT_PTR_EQ(test, rule, table);
	KUNIT_EXPECT_EQ(test, NF_DICT_KEY_INT, nf_dict_table_key_class(rule));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			write_int(rule, string_key("a"), field, 1));
	nf_dict_table_unuse(rule, NF_DICT_KEY_INT);
	expect_delete(test, table);

	/* Uses that ended do not count. */
	rule = nf_dict_table_use(TEST_NET, "kunit-u", 7, NF_DICT_KEY_STRING);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rule);
	table = test_use("kunit-u");
	nf_dict_table_unuse(table, NF_DICT_KEY_INT);
	table = table_create("kunit-u", &string, true);
	KUNIT_EXPECT_PTR_EQ(test, rule, table);
	nf_dict_table_use_abort(rule, NF_DICT_KEY_STRING);
	expect_delete(test, table);
	table = table_create("kunit-u", &any, true);
	KUNIT_EXPECT_EQ(test, NF_DICT_KEY_UNSPEC,
			nf_dict_table_key_class(table));
	expect_delete(test, table);
}

/*
 * Rows of connections. The connections are made up: what conntrack tells of its
 * own does not matter, as their ids are others.
 */

static int conn_ops_enabled;

static void conn_enable(struct net *net)
{
	conn_ops_enabled++;
}

static void conn_disable(struct net *net)
{
	conn_ops_enabled--;
}

static struct nf_dict_conn *conn_find(struct net *net, void *ct)
{
	return nf_dict_conn_find(net, 77, ct);
}

static void conn_changed(void *ct)
{
	clear_bit(IPS_OFFLOAD_BIT, &((struct nf_conn *)ct)->status);
}

static const unsigned int conn_max = 2;

static const struct nf_dict_conn_ops conn_ops = {
	.owner		= THIS_MODULE,
	.max		= &conn_max,
	.enable		= conn_enable,
	.disable	= conn_disable,
	.find		= conn_find,
	.changed	= conn_changed,
};

static void conn_unregister(void *ptr)
{
	nf_dict_conn_unregister(ptr);
}

/* Where there is connection tracking, it has registered. */
static void conn_init(struct kunit *test)
{
	if (nf_dict_conn_register(&conn_ops))
		return;

	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, conn_unregister,
						  (void *)&conn_ops));
}

static struct nf_dict_table *conn_table(struct kunit *test, const char *name)
{
	return test_table_of(test, name, &(struct nf_dict_table_params){
		.key_class = NF_DICT_KEY_CT });
}

static struct nf_dict_conn *conn_add(u32 id, void *ct)
{
	struct nf_dict_conn *conn;

	rcu_read_lock();
	conn = nf_dict_conn_add(TEST_NET, id, ct, false);
	rcu_read_unlock();

	return conn;
}

static void conn_del(struct nf_dict_conn *conn)
{
	rcu_read_lock();
	nf_dict_conn_del(TEST_NET, conn);
	rcu_read_unlock();
}

/* The number that a packet of the connection reads, or -1. */
static s64 own_read(const struct nf_dict_own *own, struct nf_dict_table *table,
		    struct nf_dict_atom *field)
{
	struct nf_dict_level level = level_of(table, field, NF_DICT_INT64);
	struct nf_dict_value value;
	s64 num = -1;

	rcu_read_lock();
	if (nf_dict_path_read_conn(&level, 1, own, &value))
		num = nf_dict_value_num(&value);
	rcu_read_unlock();

	return num;
}

static s64 conn_read(struct nf_dict_conn *conn, struct nf_dict_table *table,
		     struct nf_dict_atom *field)
{
	const struct nf_dict_own own = { .conn = conn };

	return own_read(&own, table, field);
}

static void conn_rows(struct kunit *test)
{
	struct nf_dict_atom *field = test_field(test, "f");
	struct nf_dict_table *a, *b, *c;
	struct nf_dict_conn *conn;
	struct nf_dict_key key = int_key(77);
	int ct;

	conn_init(test);
	KUNIT_EXPECT_NULL(test, conn_add(77, &ct));
	a = conn_table(test, "kunit-ct-a");
	b = conn_table(test, "kunit-ct-b");
	c = test_table(test, "kunit-a");

	/* Rows are created for living connections only. */
	KUNIT_EXPECT_EQ(test, -ENOENT, write_int(a, key, field, 1));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			write_int(a, int_key(77 | BIT_ULL(32)), field, 1));
	conn = conn_add(77, &ct);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_PTR_EQ(test, conn, conn_add(77, &ct));
	KUNIT_EXPECT_EQ(test, -ENOENT, write_int(a, int_key(78), field, 1));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			write_int(a, int_key(77 | BIT_ULL(32)), field, 1));
	KUNIT_EXPECT_EQ(test, -1, conn_read(conn, a, field));

	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, field, 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, field, 2));
	KUNIT_EXPECT_EQ(test, 0, write_int(c, key, field, 3));
	KUNIT_EXPECT_EQ(test, 1, conn_read(conn, a, field));
	KUNIT_EXPECT_EQ(test, 2, conn_read(conn, b, field));
	/* Rows that replace it, in both tables. */
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, test_field(test, "g"), 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, test_field(test, "g"), 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, field, 11));
	KUNIT_EXPECT_EQ(test, 11, conn_read(conn, a, field));
	KUNIT_EXPECT_EQ(test, 2, conn_read(conn, b, field));
	KUNIT_EXPECT_EQ(test, 11, read_int(a, key, field));

	KUNIT_EXPECT_EQ(test, 0, swap_tables(a, b));
	KUNIT_EXPECT_EQ(test, 2, conn_read(conn, a, field));
	KUNIT_EXPECT_EQ(test, 11, conn_read(conn, b, field));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(b));
	KUNIT_EXPECT_EQ(test, -1, conn_read(conn, b, field));
	KUNIT_EXPECT_EQ(test, 2, conn_read(conn, a, field));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, field, 4));
	KUNIT_EXPECT_EQ(test, 4, conn_read(conn, b, field));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(b, &key));
	KUNIT_EXPECT_EQ(test, -1, conn_read(conn, b, field));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, field, 5));

	conn_del(conn);
	KUNIT_EXPECT_FALSE(test, row_exists(a, key));
	KUNIT_EXPECT_FALSE(test, row_exists(b, key));
	KUNIT_EXPECT_EQ(test, 0, table_stats(a).rows);
	KUNIT_EXPECT_EQ(test, 0, table_stats(b).rows);
	KUNIT_EXPECT_EQ(test, 3, read_int(c, key, field));
	KUNIT_EXPECT_EQ(test, -ENOENT, write_int(a, key, field, 1));
}

/* Whether packets of the connection may have rows. */
static bool conn_owns(struct nf_dict_table *table, struct nf_dict_conn *conn)
{
	struct nf_conn_dict ext = { .conn = conn };
	struct nf_dict_own own;
	bool owns;

	rcu_read_lock();
	ext.gen = nf_dict_conn_gen(TEST_NET);
	owns = nf_dict_conn_own(table, conn->ct, &ext, false, &own);
	rcu_read_unlock();

	return owns;
}

/* Two living connections have one id. */
static void conn_same_id(struct kunit *test)
{
	struct nf_dict_atom *field = test_field(test, "f");
	struct nf_dict_conn *conn, *other, *third;
	struct nf_dict_key key = int_key(77), own = key;
	struct nf_dict_table *table, *more;
	int ct[3];

	conn_init(test);
	table = conn_table(test, "kunit-ct-a");
	more = conn_table(test, "kunit-ct-b");
	conn = conn_add(77, &ct[0]);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, field, 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(more, key, field, 1));

	/* The second has no rows, and the id is ambiguous for other writers. */
	other = conn_add(77, &ct[1]);
	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_EXPECT_PTR_NE(test, conn, other);
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, other,
			    nf_dict_conn_find(TEST_NET, 77, &ct[1]));
	KUNIT_EXPECT_PTR_EQ(test, conn,
			    nf_dict_conn_find(TEST_NET, 77, &ct[0]));
	rcu_read_unlock();
	KUNIT_EXPECT_TRUE(test, conn_owns(table, conn));
	KUNIT_EXPECT_FALSE(test, conn_owns(table, other));
	KUNIT_EXPECT_EQ(test, -ENOTUNIQ, write_int(table, key, field, 2));
	KUNIT_EXPECT_EQ(test, 1, conn_read(conn, table, field));
	KUNIT_EXPECT_EQ(test, 1, conn_read(conn, more, field));
	KUNIT_EXPECT_EQ(test, -1, conn_read(other, table, field));
	KUNIT_EXPECT_EQ(test, -1, conn_read(other, more, field));
	/* Packets of the first may write. */
	own.conn = conn;
	KUNIT_EXPECT_EQ(test, 0,
			write_value(table, own, field,
				    int_value(NF_DICT_INT64, 3),
				    NF_DICT_W_PACKET | NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, 3, conn_read(conn, table, field));

	/*
	 * Then the id is the second's, who does not inherit; nor does a packet of
	 * the first that is still under way.
	 */
	rcu_read_lock();
	nf_dict_conn_del(TEST_NET, conn);
	KUNIT_EXPECT_TRUE(test, conn_owns(table, other));
	KUNIT_EXPECT_EQ(test, -1, conn_read(other, table, field));
	KUNIT_EXPECT_EQ(test, 0,
			write_value(more, key, field,
				    int_value(NF_DICT_INT64, 4),
				    NF_DICT_W_PACKET | NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, -1, conn_read(conn, more, field));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			write_value(more, own, field,
				    int_value(NF_DICT_INT64, 5),
				    NF_DICT_W_PACKET | NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			nf_dict_row_add(more, &own, field, NF_DICT_NUMBER, 1,
					false));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			nf_dict_row_delete_field(more, &own, field,
						 NF_DICT_UNSPEC));
	KUNIT_EXPECT_EQ(test, -ENOENT, nf_dict_row_delete(more, &own));
	KUNIT_EXPECT_EQ(test, 4, conn_read(other, more, field));
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, field, 4));
	KUNIT_EXPECT_EQ(test, 4, conn_read(other, table, field));

	/* A connection that came and went has no effect on the others. */
	third = conn_add(77, &ct[2]);
	KUNIT_ASSERT_NOT_NULL(test, third);
	KUNIT_EXPECT_EQ(test, -ENOTUNIQ, write_int(table, key, field, 5));
	conn_del(third);
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, field, 5));
	KUNIT_EXPECT_EQ(test, 5, conn_read(other, table, field));
	conn_del(other);
	KUNIT_EXPECT_EQ(test, 0, table_stats(table).rows);
	KUNIT_EXPECT_EQ(test, 0, table_stats(more).rows);
}

/* A table is deleted, and its rows are freed, while connections live on. */
static void conn_table_delete(struct kunit *test)
{
	struct nf_dict_atom *field = test_field(test, "f");
	struct nf_dict_key key = int_key(77);
	struct nf_dict_table *a, *b;
	struct nf_dict_conn *conn;
	int ct;

	conn_init(test);
	a = conn_table(test, "kunit-ct-a");
	b = conn_table(test, "kunit-ct-b");
	conn = conn_add(77, &ct);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, field, 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, field, 2));
	kunit_release_action(test, test_table_delete, a);
	rcu_barrier();
	flush_workqueue(nf_dict_wq);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(conn->row));
	KUNIT_EXPECT_EQ(test, 2, conn_read(conn, b, field));
	conn_del(conn);
	KUNIT_EXPECT_EQ(test, 0, table_stats(b).rows);

	/* Objects that remain are freed with the last table. */
	KUNIT_EXPECT_NOT_NULL(test, conn_add(78, &ct));
	kunit_release_action(test, test_table_delete, b);
	KUNIT_EXPECT_NULL(test, conn_add(78, &ct));
	KUNIT_EXPECT_EQ(test, 0, conn_ops_enabled);
}

/* Whether the connection left the flowtable. Puts it there again. */
static bool conn_left(struct nf_conn *ct)
{
	return !test_and_set_bit(IPS_OFFLOAD_BIT, &ct->status);
}

/* Rules read @seen of @a, and not @other. */
static void conn_leaves_by_field(struct kunit *test, struct nf_conn *ct,
				 struct nf_dict_table *a,
				 struct nf_dict_atom *seen,
				 struct nf_dict_atom *other)
{
	const struct nf_dict_value one = int_value(NF_DICT_INT, 1);
	struct nf_dict_key key = int_key(77);

	/* A row, a field of it, another value, another type. */
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, seen, 1));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(a, &key));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, other, 1));
	KUNIT_EXPECT_FALSE(test, conn_left(ct));
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, seen, 1));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, seen, 2));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));
	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_row_add(a, &key, seen, NF_DICT_NUMBER, 1,
					true));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));
	KUNIT_EXPECT_EQ(test, 0,
			write_value(a, key, seen, one, NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));

	/* Writes that do not change the value. */
	KUNIT_EXPECT_EQ(test, 0,
			write_value(a, key, seen, one, NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_row_add(a, &key, seen, NF_DICT_NUMBER, 0,
					false));
	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_row_delete_field(a, &key, other,
						 NF_DICT_UNSPEC));
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, other, 1));
	KUNIT_EXPECT_FALSE(test, conn_left(ct));
	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_row_delete_field(a, &key, seen,
						 NF_DICT_UNSPEC));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));
}

static void conn_leaves_by_row(struct kunit *test, struct nf_conn *ct,
			       struct nf_dict_table *a,
			       struct nf_dict_table *b,
			       struct nf_dict_atom *seen,
			       struct nf_dict_atom *other)
{
	const struct nf_dict_value one = int_value(NF_DICT_INT, 1);
	struct nf_dict_key key = int_key(77);
	unsigned int i;

	/* The row as a whole: replaced, swapped, flushed. */
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, seen, 1));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));
	KUNIT_EXPECT_EQ(test, 0,
			write_value(a, key, other, one,
				    NF_DICT_W_CREATE | NF_DICT_W_REPLACE, 0));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));
	KUNIT_EXPECT_EQ(test, 0, swap_tables(b, a));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(a));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));

	/* Expiry counts when the row is reclaimed. */
	KUNIT_EXPECT_EQ(test, 0,
			write_value(a, key, seen, one,
				    NF_DICT_W_CREATE | NF_DICT_W_TIMEOUT,
				    500));
	KUNIT_EXPECT_TRUE(test, conn_left(ct));
	for (i = 0; i < 200 && test_bit(IPS_OFFLOAD_BIT, &ct->status); i++)
		msleep(50);
	KUNIT_EXPECT_TRUE(test, conn_left(ct));
	KUNIT_EXPECT_EQ(test, 0, table_stats(a).rows);
}

/* It leaves for each change that a rule can see, and for no other. */
static void conn_leaves_flowtable(struct kunit *test)
{
	struct nf_dict_atom *seen = test_field(test, "seen");
	struct nf_dict_atom *other = test_field(test, "other");
	struct nf_conn *ct = kunit_kzalloc(test, sizeof(*ct), GFP_KERNEL);
	struct nf_dict_key key = int_key(77);
	struct nf_dict_table *a, *b, *rule;
	struct nf_dict_conn *conn;
	u8 type;

	KUNIT_ASSERT_NOT_NULL(test, ct);
	conn_init(test);
	a = conn_table(test, "kunit-ct-a");
	b = conn_table(test, "kunit-ct-b");
	conn = conn_add(77, ct);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	conn_left(ct);

	/* No rule reads anything. */
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, seen, 1));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(a, &key));
	KUNIT_EXPECT_FALSE(test, conn_left(ct));

	rule = test_use("kunit-ct-a");
	KUNIT_ASSERT_PTR_EQ(test, rule, a);
	KUNIT_ASSERT_EQ(test, 0,
			nf_dict_table_use_field(rule, seen, NF_DICT_UNSPEC,
						true, &type));
	KUNIT_ASSERT_EQ(test, 0,
			nf_dict_table_use_field(rule, other, NF_DICT_UNSPEC,
						false, &type));

	/* Fields that are not read, in this table or another. */
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, other, 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, other, 2));
	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_row_add(a, &key, other, NF_DICT_NUMBER, 1,
					false));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, seen, 1));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(b));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(a, &key));
	KUNIT_EXPECT_FALSE(test, conn_left(ct));

	conn_leaves_by_field(test, ct, a, seen, other);
	conn_leaves_by_row(test, ct, a, b, seen, other);

	nf_dict_table_unuse_field(rule, other, NF_DICT_UNSPEC, false);
	nf_dict_table_unuse_field(rule, seen, NF_DICT_UNSPEC, true);
	nf_dict_table_unuse(rule, NF_DICT_KEY_INT);
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, seen, 1));
	KUNIT_EXPECT_FALSE(test, conn_left(ct));
	conn_del(conn);
}

static bool conn_settled(const void *ct)
{
	bool settled;

	rcu_read_lock();
	settled = nf_dict_conn_settled(TEST_NET, 77, ct);
	rcu_read_unlock();

	return settled;
}

/* Whether it settles within seconds, by itself. */
static bool conn_settles(const void *ct)
{
	unsigned int i;

	for (i = 0; i < 500 && !conn_settled(ct); i++)
		msleep(20);

	return conn_settled(ct);
}

/* Whether packets that read the row fill the slot within seconds. */
static bool slot_fills(const struct nf_dict_own *own,
		       struct nf_dict_table *table,
		       struct nf_dict_atom *field)
{
	unsigned int i;

	for (i = 0; i < 500 && !own->slot->rows; i++) {
		own_read(own, table, field);
		msleep(20);
	}

	return own->slot->rows;
}

/* What a packet with the key @id finds: the number, or -EAGAIN, or -ENOENT. */
static s64 packet_read(const struct sk_buff *skb, struct nf_dict_table *table,
		       struct nf_dict_atom *field, u32 id)
{
	const struct nf_dict_key_reg form = {
		.type	= NF_DICT_KEY_INT,
		.len	= sizeof(id),
		.host	= true,
	};
	struct nf_dict_level level = level_of(table, field, NF_DICT_INT64);
	struct nf_dict_value value;
	int found;

	rcu_read_lock();
	found = nf_dict_path_read_skb(&level, &form, &id, skb, &value);
	rcu_read_unlock();
	if (found < 0)
		return found;

	return found ? nf_dict_value_num(&value) : -ENOENT;
}

/* A packet finds the row that its connection caches, and no other. */
static void conn_packet(struct kunit *test)
{
	struct nf_dict_atom *field = test_field(test, "f");
	struct nf_dict_key key = int_key(77);
	struct nf_dict_test_packet *p;
	struct nf_dict_table *a, *b, *c;
	const struct sk_buff *skb;
	struct nf_conn_dict *ext;
	struct nf_dict_own own;

	if (!IS_ENABLED(CONFIG_NF_DICT_CT))
		kunit_skip(test, "needs CONFIG_NF_DICT_CT");

	p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	skb = &p->skb;
	conn_init(test);
	a = conn_table(test, "kunit-ct-a");
	b = conn_table(test, "kunit-ct-b");
	c = test_table(test, "kunit-a");
	own.conn = conn_add(77, &p->ct);
	KUNIT_ASSERT_NOT_NULL(test, own.conn);
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, field, 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, field, 2));
	KUNIT_EXPECT_EQ(test, 0, write_int(c, key, field, 3));

	/* Other tables need no connection. */
	KUNIT_EXPECT_EQ(test, 3, packet_read(skb, c, field, 77));
	KUNIT_EXPECT_EQ(test, -ENOENT, packet_read(skb, c, field, 78));
	KUNIT_EXPECT_EQ(test, -EAGAIN, packet_read(skb, a, field, 77));

	ext = nf_dict_test_packet_init(p, 77);
	KUNIT_EXPECT_EQ(test, 3, packet_read(skb, c, field, 77));
	KUNIT_EXPECT_EQ(test, -EAGAIN, packet_read(skb, a, field, 77));
	rcu_read_lock();
	ext->gen = nf_dict_conn_gen(TEST_NET);
	rcu_read_unlock();
	ext->conn = own.conn;
	own.slot = ext;
	KUNIT_EXPECT_EQ(test, -EAGAIN, packet_read(skb, a, field, 77));
	KUNIT_EXPECT_TRUE(test, slot_fills(&own, a, field));

	KUNIT_EXPECT_EQ(test, 1, packet_read(skb, a, field, 77));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			packet_read(skb, a, test_field(test, "g"), 77));
	/* Not cached: another table, and the id of another connection. */
	KUNIT_EXPECT_EQ(test, -EAGAIN, packet_read(skb, b, field, 77));
	KUNIT_EXPECT_EQ(test, -EAGAIN, packet_read(skb, a, field, 78));
	KUNIT_EXPECT_EQ(test, 0, swap_tables(a, b));
	KUNIT_EXPECT_EQ(test, -EAGAIN, packet_read(skb, a, field, 77));
	KUNIT_EXPECT_EQ(test, 1, packet_read(skb, b, field, 77));

	/* The extension of another generation, or of a connection that ended. */
	ext->gen++;
	KUNIT_EXPECT_EQ(test, -EAGAIN, packet_read(skb, b, field, 77));
	ext->gen--;
	ext->conn = NULL;
	KUNIT_EXPECT_EQ(test, -EAGAIN, packet_read(skb, b, field, 77));
	ext->conn = own.conn;
	KUNIT_EXPECT_EQ(test, 1, packet_read(skb, b, field, 77));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(b, &key));
	KUNIT_EXPECT_EQ(test, -EAGAIN, packet_read(skb, b, field, 77));
	conn_del(own.conn);
}

/* When the extension of a connection points to a row, and to which. */
static void conn_slot(struct kunit *test)
{
	const u32 flags = NF_DICT_W_CREATE | NF_DICT_W_PACKET;
	struct nf_dict_atom *field = test_field(test, "f");
	struct nf_dict_key key = int_key(77);
	struct nf_conn_dict *ext;
	struct nf_dict_table *a, *b;
	struct nf_dict_conns *conns;
	struct nf_dict_own own;
	unsigned long asked;
	int ct;

	ext = kunit_kzalloc(test, sizeof(*ext), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ext);
	conn_init(test);
	a = conn_table(test, "kunit-ct-a");
	b = conn_table(test, "kunit-ct-b");
	own.conn = conn_add(77, &ct);
	own.slot = ext;
	KUNIT_ASSERT_NOT_NULL(test, own.conn);
	KUNIT_EXPECT_EQ(test, -1, own_read(&own, a, field));
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, field, 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, field, 2));
	KUNIT_EXPECT_NULL(test, ext->rows);

	/* The first who reads fills it, and writers keep it up to date. */
	KUNIT_EXPECT_EQ(test, 2, own_read(&own, b, field));
	KUNIT_EXPECT_NULL(test, ext->rows);
	KUNIT_EXPECT_EQ(test, 1, own_read(&own, a, field));
	KUNIT_EXPECT_PTR_EQ(test, ext->rows, rcu_access_pointer(a->rows));
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, test_field(test, "g"), 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, test_field(test, "g"), 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, field, 11));
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(ext->row),
			    rcu_access_pointer(own.conn->row));
	KUNIT_EXPECT_EQ(test, 11, own_read(&own, a, field));
	KUNIT_EXPECT_EQ(test, 2, own_read(&own, b, field));
	KUNIT_EXPECT_EQ(test, 0, swap_tables(a, b));
	KUNIT_EXPECT_EQ(test, 2, own_read(&own, a, field));
	KUNIT_EXPECT_EQ(test, 11, own_read(&own, b, field));
	KUNIT_EXPECT_PTR_EQ(test, ext->rows, rcu_access_pointer(b->rows));

	/* Once cleared, it stays so for a grace period. */
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(b, &key));
	KUNIT_EXPECT_NULL(test, ext->rows);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(ext->row));
	KUNIT_EXPECT_EQ(test, 0,
			write_value(b, key, field, int_value(NF_DICT_INT64, 3),
				    flags, 0));
	conns = rcu_dereference(nf_dict_ns(TEST_NET)->conns);
	asked = jiffies - HZ;
	conns->asked = asked;
	KUNIT_EXPECT_EQ(test, 3, own_read(&own, b, field));
	KUNIT_EXPECT_NULL(test, ext->rows);
	/* The reader has requested a grace period. */
	KUNIT_EXPECT_NE(test, asked, conns->asked);
	rcu_read_unlock();
	KUNIT_EXPECT_TRUE(test, slot_fills(&own, b, field));
	KUNIT_EXPECT_PTR_EQ(test, ext->rows, rcu_access_pointer(b->rows));

	/* Rows that were flushed clear it when they are freed. */
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(b));
	KUNIT_EXPECT_EQ(test, -1, own_read(&own, b, field));
	rcu_barrier();
	flush_workqueue(nf_dict_wq);
	KUNIT_EXPECT_NULL(test, ext->rows);
	KUNIT_EXPECT_EQ(test, 2, own_read(&own, a, field));
	KUNIT_EXPECT_NULL(test, ext->rows);

	/* So does the end of the connection, after which it is not touched. */
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, field, 4));
	KUNIT_EXPECT_TRUE(test, slot_fills(&own, b, field));
	KUNIT_EXPECT_EQ(test, 4, own_read(&own, b, field));
	rcu_read_lock();
	nf_dict_conn_del(TEST_NET, own.conn);
	KUNIT_EXPECT_NULL(test, ext->rows);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(ext->row));
	KUNIT_EXPECT_EQ(test, -1, own_read(&own, a, field));
	KUNIT_EXPECT_NULL(test, ext->rows);
	rcu_read_unlock();
}

/*
 * While a packet may have read an old value its connection is not offloaded,
 * however often it is written to and without any work for each write.
 */
static void conn_offload_waits(struct kunit *test)
{
	const u32 flags = NF_DICT_W_CREATE | NF_DICT_W_PACKET;
	struct nf_dict_atom *seen = test_field(test, "seen");
	unsigned long start, asked;
	struct nf_dict_key key = int_key(77);
	struct nf_dict_table *a, *b, *rule;
	struct nf_dict_conns *conns;
	struct nf_dict_conn *conn;
	unsigned int i, n = 0;
	struct nf_conn *ct;
	u8 type;

	ct = kunit_kzalloc(test, sizeof(*ct), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ct);
	conn_init(test);
	a = conn_table(test, "kunit-ct-a");
	b = conn_table(test, "kunit-ct-b");
	conn = conn_add(77, ct);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_TRUE(test, conn_settled(ct));
	rule = test_use("kunit-ct-a");
	KUNIT_ASSERT_PTR_EQ(test, rule, a);
	KUNIT_ASSERT_EQ(test, 0,
			nf_dict_table_use_field(rule, seen, NF_DICT_UNSPEC,
						true, &type));

	/* A packet that entered before the writes. */
	rcu_read_lock();
	conns = rcu_dereference(nf_dict_ns(TEST_NET)->conns);
	start = jiffies;
	for (i = 0; i < 1000; i++) {
		asked = conns->asked;
		KUNIT_EXPECT_EQ(test, 0,
				write_value(a, key, seen,
					    int_value(NF_DICT_INT, i), flags,
					    0));
		KUNIT_EXPECT_EQ(test, asked, conns->asked);
		KUNIT_EXPECT_FALSE(test, conn_settled(ct));
		n += asked != conns->asked;
	}
	rcu_read_unlock();
	/* Packets that wait request a grace period, once a tick; writers none. */
	KUNIT_EXPECT_GE(test, n, 1);
	KUNIT_EXPECT_LE(test, n, jiffies - start + 1);
	KUNIT_EXPECT_TRUE(test, conn_settles(ct));

	/* Counting, the same value, and fields that no rule reads. */
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_row_add(a, &key, seen, NF_DICT_NUMBER, 1,
					false));
	KUNIT_EXPECT_EQ(test, 0,
			write_value(a, key, seen, int_value(NF_DICT_INT, 1000),
				    flags, 0));
	KUNIT_EXPECT_EQ(test, 0,
			write_value(b, key, seen, int_value(NF_DICT_INT, 1),
				    flags, 0));
	KUNIT_EXPECT_TRUE(test, conn_settled(ct));
	rcu_read_unlock();

	/* Other rows: a grace period may be over when this returns. */
	KUNIT_EXPECT_EQ(test, get_completed_synchronize_rcu(), conns->changed);
	KUNIT_EXPECT_EQ(test, 0, swap_tables(a, b));
	KUNIT_EXPECT_NE(test, get_completed_synchronize_rcu(), conns->changed);
	KUNIT_EXPECT_TRUE(test, conn_settles(ct));

	/* A connection that ended is not waited for, nor is its successor. */
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, 0,
			write_value(a, key, seen, int_value(NF_DICT_INT, 2),
				    flags, 0));
	KUNIT_EXPECT_FALSE(test, conn_settled(ct));
	KUNIT_EXPECT_TRUE(test, conn_settled(&ct));
	nf_dict_conn_del(TEST_NET, conn);
	KUNIT_EXPECT_TRUE(test, conn_settled(ct));
	rcu_read_unlock();

	nf_dict_table_unuse_field(rule, seen, NF_DICT_UNSPEC, true);
	nf_dict_table_unuse(rule, NF_DICT_KEY_INT);
}

static void conn_expedite(struct work_struct *work)
{
	synchronize_rcu_expedited();
}

/*
 * A connection settles even if the state of RCU misses a grace period: a packet
 * delays an expedited one, which then ends during the one that was requested.
 */
static void conn_settles_beside_expedited(struct kunit *test)
{
	const u32 flags = NF_DICT_W_CREATE | NF_DICT_W_PACKET;
	struct nf_dict_atom *seen = test_field(test, "seen");
	struct nf_dict_key key = int_key(77);
	struct nf_dict_table *table, *rule;
	struct work_struct expedite;
	struct nf_dict_conn *conn;
	unsigned long state, end;
	struct nf_conn *ct;
	unsigned int i;
	u8 type;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");

	ct = kunit_kzalloc(test, sizeof(*ct), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ct);
	conn_init(test);
	table = conn_table(test, "kunit-ct-a");
	conn = conn_add(77, ct);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	rule = test_use("kunit-ct-a");
	KUNIT_ASSERT_PTR_EQ(test, rule, table);
	KUNIT_ASSERT_EQ(test, 0,
			nf_dict_table_use_field(rule, seen, NF_DICT_UNSPEC,
						true, &type));
	INIT_WORK_ONSTACK(&expedite, conn_expedite);

	for (i = 0; i < 3; i++) {
		rcu_read_lock();
		state = get_state_synchronize_rcu();
		queue_work(system_dfl_wq, &expedite);
		end = jiffies + HZ / 2;
		while (get_state_synchronize_rcu() == state &&
		       time_before(jiffies, end))
			cpu_relax();
		KUNIT_EXPECT_EQ(test, 0,
				write_value(table, key, seen,
					    int_value(NF_DICT_INT, i), flags,
					    0));
		KUNIT_EXPECT_FALSE(test, conn_settled(ct));
		mdelay(20);
		rcu_read_unlock();
		KUNIT_EXPECT_TRUE(test, conn_settles(ct));
		flush_work(&expedite);
	}

	destroy_work_on_stack(&expedite);
	conn_del(conn);
	nf_dict_table_unuse_field(rule, seen, NF_DICT_UNSPEC, true);
	nf_dict_table_unuse(rule, NF_DICT_KEY_INT);
}

#if IS_REACHABLE(CONFIG_NF_FLOW_TABLE)
static struct flow_offload *flow_of(struct kunit *test, struct nf_conn *ct)
{
	struct flow_offload *flow = flow_offload_alloc(ct);

	KUNIT_ASSERT_NOT_NULL(test, flow);
	set_bit(IPS_OFFLOAD_BIT, &ct->status);

	return flow;
}

static bool flow_found(struct nf_flowtable *ft, struct flow_offload *flow)
{
	bool found;

	rcu_read_lock();
	found = flow_offload_lookup(ft, &flow->tuplehash[0].tuple);
	rcu_read_unlock();

	return found;
}

/* What the flowtable does when IPS_OFFLOAD is taken from a connection. */
static void conn_flow_ends(struct kunit *test)
{
	static const struct nf_flowtable_type type = {};
	struct flow_offload *flow;
	struct nf_flowtable *ft;
	struct nf_conn *ct;
	unsigned int i;

	ct = kunit_kzalloc(test, sizeof(*ct), GFP_KERNEL);
	ft = kunit_kzalloc(test, sizeof(*ft), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ct);
	KUNIT_ASSERT_NOT_NULL(test, ft);
	refcount_set(&ct->ct_general.use, 1);
	write_pnet(&ct->ct_net, TEST_NET);
	ct->status = IPS_CONFIRMED;
	ct->tuplehash[0].tuple.src.l3num = NFPROTO_IPV4;
	ct->tuplehash[0].tuple.dst.protonum = IPPROTO_UDP;
	ct->tuplehash[1].tuple = ct->tuplehash[0].tuple;
	ct->tuplehash[1].tuple.src.u.udp.port = htons(1);

	/* A flow takes it only once: it may be another flow's by then. */
	flow = flow_of(test, ct);
	flow_offload_teardown(flow);
	KUNIT_EXPECT_FALSE(test, test_bit(IPS_OFFLOAD_BIT, &ct->status));
	set_bit(IPS_OFFLOAD_BIT, &ct->status);
	flow_offload_teardown(flow);
	KUNIT_EXPECT_TRUE(test, test_bit(IPS_OFFLOAD_BIT, &ct->status));
	flow_offload_free(flow);

	/* The next packet of the flow sees it, */
	ft->type = &type;
	KUNIT_ASSERT_EQ(test, 0, nf_flow_table_init(ft));
	flow = flow_of(test, ct);
	KUNIT_EXPECT_EQ(test, 0, flow_offload_add(ft, flow));
	KUNIT_EXPECT_TRUE(test, flow_found(ft, flow));
	clear_bit(IPS_OFFLOAD_BIT, &ct->status);
	KUNIT_EXPECT_FALSE(test, flow_found(ft, flow));

	/* and if none comes, the garbage collector, which runs every second. */
	for (i = 0; i < 100 && refcount_read(&ct->ct_general.use) > 1; i++)
		msleep(50);
	flow = flow_of(test, ct);
	KUNIT_EXPECT_EQ(test, 0, flow_offload_add(ft, flow));
	msleep(1500);
	KUNIT_EXPECT_TRUE(test, flow_found(ft, flow));
	clear_bit(IPS_OFFLOAD_BIT, &ct->status);
	for (i = 0; i < 100 && refcount_read(&ct->ct_general.use) > 1; i++)
		msleep(50);
	KUNIT_EXPECT_EQ(test, 1, refcount_read(&ct->ct_general.use));

	nf_flow_table_free(ft);
	rcu_barrier();
}
#else
static void conn_flow_ends(struct kunit *test)
{
	kunit_skip(test, "there are no flowtables");
}
#endif

/* The table that rules have asked for becomes one of connections. */
static void conn_table_of_rules(struct kunit *test)
{
	struct nf_dict_atom *field = test_field(test, "f");
	const struct nf_dict_decl decl = {
		.field	= field,
		.type	= NF_DICT_INT,
	};
	const struct nf_dict_table_params params = {
		.key_class	= NF_DICT_KEY_CT,
		.ndecls		= 1,
		.decls		= &decl,
	};
	struct nf_dict_key key = int_key(1);
	struct nf_dict_table *rule, *table;
	struct nf_dict_conn *conn;
	unsigned int i;
	int ct;

	conn_init(test);
	rule = test_use("kunit-u");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rule);

	/* Refused while there are rows, without any effect. */
	KUNIT_EXPECT_EQ(test, 0, write_int(rule, key, field, 1));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EBUSY),
				    table_create("kunit-u", &params, true));
	KUNIT_EXPECT_EQ(test, NF_DICT_KEY_UNSPEC, nf_dict_table_key_class(rule));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(rule, &key));

	table = conn_table(test, "kunit-u");
	KUNIT_EXPECT_PTR_EQ(test, rule, table);
	KUNIT_EXPECT_EQ(test, -ENOENT, write_int(rule, int_key(77), field, 1));
	conn = conn_add(77, &ct);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_EQ(test, 0, write_int(rule, int_key(77), field, 1));
	conn_del(conn);
	KUNIT_EXPECT_EQ(test, 0, table_stats(rule).rows);
	nf_dict_table_unuse(rule, NF_DICT_KEY_INT);
}

/* A table of rules is deleted with its last row after its last rule. */
static void table_reaped(struct kunit *test)
{
	struct nf_dict_atom *field = test_field(test, "f");
	struct nf_dict_key key = int_key(1);
	struct nf_dict_table *table;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		table = test_use("kunit-u");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, table);
		nf_dict_table_hold(table);
		KUNIT_ASSERT_EQ(test, 0, write_int(table, key, field, 1));
		if (i == 3) {
			/* Not while a rule uses it. */
			KUNIT_EXPECT_EQ(test, 0,
					nf_dict_row_delete(table, &key));
			flush_work(&table->ns->reap_work);
			KUNIT_EXPECT_TRUE(test, table_seen("kunit-u"));
		}
		nf_dict_table_unuse(table, NF_DICT_KEY_INT);
		KUNIT_EXPECT_EQ(test, i != 3, table_seen("kunit-u"));
		if (i == 0)
			KUNIT_EXPECT_EQ(test, 0,
					nf_dict_row_delete(table, &key));
		else if (i == 1)
			KUNIT_EXPECT_EQ(test, 0,
					nf_dict_row_delete_field(table, &key,
								 field,
								 NF_DICT_UNSPEC));
		else if (i == 2)
			KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(table));
		flush_work(&table->ns->reap_work);
		KUNIT_EXPECT_FALSE(test, table_seen("kunit-u"));
		nf_dict_table_put(table);
	}
}

static void table_flush_and_swap(struct kunit *test)
{
	struct nf_dict_table *a = test_table(test, "kunit-a");
	struct nf_dict_table *b = test_table(test, "kunit-b");
	struct nf_dict_atom *field = test_field(test, "f");
	int i;

	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, 0, write_int(a, int_key(i), field, i));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, int_key(1), field, 1001));

	KUNIT_EXPECT_EQ(test, -EINVAL, swap_tables(a, a));
	KUNIT_EXPECT_EQ(test, 0, swap_tables(a, b));
	KUNIT_EXPECT_EQ(test, 1001, read_int(a, int_key(1), field));
	KUNIT_EXPECT_EQ(test, -1, read_int(a, int_key(2), field));
	KUNIT_EXPECT_EQ(test, 2, read_int(b, int_key(2), field));
	KUNIT_EXPECT_EQ(test, 1, table_stats(a).rows);
	KUNIT_EXPECT_EQ(test, 100, table_stats(b).rows);

	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(b));
	KUNIT_EXPECT_EQ(test, 0, table_stats(b).rows);
	KUNIT_EXPECT_FALSE(test, row_exists(b, int_key(2)));
	KUNIT_EXPECT_EQ(test, 1001, read_int(a, int_key(1), field));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, int_key(5), field, 5));
	KUNIT_EXPECT_EQ(test, 5, read_int(b, int_key(5), field));
}

/* Two pairs: nothing changes if one of the four tables is refused. */
static void table_swap_pairs(struct kunit *test)
{
	static const char * const names[] = {
		"kunit-a", "kunit-b", "kunit-c", "kunit-d",
	};
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_table *tables[4], *twice[4], *gone[4], **many;
	unsigned int i, at;

	for (i = 0; i < 4; i++) {
		tables[i] = test_table(test, names[i]);
		KUNIT_EXPECT_EQ(test, 0, write_int(tables[i], int_key(1), f, i));
	}
	memcpy(twice, tables, sizeof(twice));
	twice[3] = tables[0];
	KUNIT_EXPECT_EQ(test, -EINVAL, nf_dict_table_swap(twice, 2, &at));
	KUNIT_EXPECT_EQ(test, 3, at);

	memcpy(gone, tables, sizeof(gone));
	gone[2] = test_table(test, "kunit-e");
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_delete(gone[2]));
	KUNIT_EXPECT_EQ(test, -ENOENT, nf_dict_table_swap(gone, 2, &at));
	KUNIT_EXPECT_EQ(test, 2, at);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, i, read_int(tables[i], int_key(1), f));

	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_swap(tables, 2, &at));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, i ^ 1, read_int(tables[i], int_key(1), f));
	/* All four can be written again. */
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, 0, write_int(tables[i], int_key(1), f, 5));

	many = kunit_kcalloc(test, 2 * NF_DICT_SWAP_MAX + 2, sizeof(*many),
			     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, many);
	for (i = 0; i < 2 * NF_DICT_SWAP_MAX + 2; i++)
		many[i] = tables[i % 4];
	KUNIT_EXPECT_EQ(test, -E2BIG,
			nf_dict_table_swap(many, NF_DICT_SWAP_MAX + 1, &at));
}

static struct nf_dict_table *declared_table(struct kunit *test,
					    const char *name, bool open,
					    const struct nf_dict_decl *decls,
					    unsigned int n)
{
	return test_table_of(test, name, &(struct nf_dict_table_params){
		.open = open, .ndecls = n, .decls = decls });
}

static int declare(struct nf_dict_table *table, bool open,
		   const struct nf_dict_decl *decls, unsigned int n)
{
	const struct nf_dict_table_params params = {
		.open	= open,
		.ndecls	= n,
		.decls	= decls,
	};

	return nf_dict_table_declare(table, &params);
}

static int write_number(struct nf_dict_table *table, u64 key,
			struct nf_dict_atom *field, s64 num)
{
	return write_field(table, int_key(key), (struct nf_dict_field_value){
		.field = field, .op = NF_DICT_OP_NUMBER,
		.value = int_value(NF_DICT_INT64, num) }, NF_DICT_W_CREATE, 0);
}

static void decl_writes(struct kunit *test)
{
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	struct nf_dict_atom *h = test_field(test, "h");
	const struct nf_dict_decl decls[] = {
		{ f, NF_DICT_INT }, { g, NF_DICT_LONG_STRING },
	};
	struct nf_dict_value one = int_value(NF_DICT_INT, 1);
	struct nf_dict_value yes = int_value(NF_DICT_BOOL, 1);
	struct nf_dict_table *table, *open;
	struct nf_dict_key key = int_key(1);
	struct nf_dict_value value = {};

	table = declared_table(test, "kunit-a", false, decls, 2);
	open = declared_table(test, "kunit-b", true, decls, 2);

	KUNIT_EXPECT_EQ(test, 0, write_value(table, key, f, one,
					     NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, 0, write_string(test, table, key, g, "x"));
	/* A wrong type, and a name that is not declared. */
	KUNIT_EXPECT_EQ(test, -EINVAL, write_int(table, key, f, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, write_value(table, key, g, yes,
						   NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, write_value(table, int_key(2), h, one,
						   NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_FALSE(test, row_exists(table, int_key(2)));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(table));
	KUNIT_EXPECT_EQ(test, -EINVAL, write_int(table, key, f, 1));

	/* A plain number that creates a field takes the declared type. */
	KUNIT_EXPECT_EQ(test, 0, write_number(table, 3, f, 7));
	key = int_key(3);
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test,
			  nf_dict_row_read(nf_dict_row_lookup(table, &key), f,
					   NULL, &value));
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, NF_DICT_INT, value.type);
	KUNIT_EXPECT_EQ(test, -ERANGE, write_number(table, 4, f, 1LL << 40));
	KUNIT_EXPECT_EQ(test, -EINVAL, write_number(table, 4, g, 1));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_add(table, &key, f, NF_DICT_NUMBER,
						 5, false));

	/* An open table takes other fields, too. */
	KUNIT_EXPECT_EQ(test, 0, write_value(open, key, h, yes,
					     NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, 0, write_int(open, key, h, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, write_int(open, key, f, 1));
}

static void decl_changes(struct kunit *test)
{
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	struct nf_dict_atom *h = test_field(test, "h");
	const struct nf_dict_decl more[] = {
		{ g, NF_DICT_INT }, { f, NF_DICT_INT }, { h, NF_DICT_BOOL },
	};
	const struct nf_dict_decl other[] = {
		{ f, NF_DICT_INT }, { g, NF_DICT_INT64 }, { h, NF_DICT_BOOL },
	};
	const struct nf_dict_decl twice[] = {
		{ f, NF_DICT_INT }, { f, NF_DICT_INT },
	};
	struct nf_dict_value one = int_value(NF_DICT_INT, 1);
	struct nf_dict_table *table, *open, *none, *use;
	struct nf_dict_key key = int_key(1);
	u8 type = 0;

	table = declared_table(test, "kunit-a", false, other, 1);
	open = declared_table(test, "kunit-b", true, more, 2);
	none = test_table(test, "kunit-c");

	KUNIT_EXPECT_EQ(test, 0, write_value(table, key, f, one,
					     NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, declare(table, false, twice, 2));
	KUNIT_EXPECT_EQ(test, -EINVAL, declare(table, true, more, 3));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			nf_dict_table_field_check(table, g, NF_DICT_INT,
						  &type));
	/* Declared fields can be added at any time, and never removed. */
	use = nf_dict_table_use(TEST_NET, "kunit-a", 7, NF_DICT_KEY_INT);
	KUNIT_EXPECT_EQ(test, 0, declare(table, false, more, 3));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_field_check(table, g,
							   NF_DICT_INT, &type));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_field_check(table, g,
							   NF_DICT_NUMBER,
							   &type));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_field_check(table, h,
							   NF_DICT_UNSPEC,
							   &type));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			nf_dict_table_field_check(table, h, NF_DICT_NUMBER,
						  &type));
	KUNIT_EXPECT_EQ(test, NF_DICT_BOOL, type);
	KUNIT_EXPECT_EQ(test, 0, write_value(table, key, g, one, 0, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, declare(table, false, other, 3));
	KUNIT_EXPECT_EQ(test, -EINVAL, declare(table, false, more, 2));
	if (!IS_ERR(use))
		nf_dict_table_use_abort(use, NF_DICT_KEY_INT);

	/* Fields that rows or rules may have already cannot be declared. */
	KUNIT_EXPECT_EQ(test, 0, write_int(open, key, h, 1));
	KUNIT_EXPECT_EQ(test, -EBUSY, declare(open, true, more, 3));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(open, &key));
	KUNIT_EXPECT_EQ(test, 0, declare(open, true, more, 3));
	KUNIT_EXPECT_EQ(test, -EINVAL, write_int(open, key, h, 1));
	use = nf_dict_table_use(TEST_NET, "kunit-c", 7, NF_DICT_KEY_INT);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, use);
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_use_field(use, f, NF_DICT_NUMBER,
							 false, &type));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_use_field(use, f, NF_DICT_BOOL,
							 false, &type));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_use_field(use, f, NF_DICT_BOOL,
							 false, &type));
	KUNIT_EXPECT_EQ(test, -EBUSY, declare(none, false, more, 3));
	nf_dict_table_unuse_field(use, f, NF_DICT_BOOL, false);
	KUNIT_EXPECT_EQ(test, -EBUSY, declare(none, false, more, 3));
	nf_dict_table_unuse_field(use, f, NF_DICT_BOOL, false);
	KUNIT_EXPECT_EQ(test, 0, declare(none, false, more, 3));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			nf_dict_table_use_field(use, f, NF_DICT_BOOL,
						false, &type));
	nf_dict_table_unuse_field(use, f, NF_DICT_NUMBER, false);
	nf_dict_table_use_abort(use, NF_DICT_KEY_INT);

	/* Only tables with the same declarations can be swapped. */
	KUNIT_EXPECT_EQ(test, -EMEDIUMTYPE, swap_tables(table, open));
	KUNIT_EXPECT_EQ(test, 0, swap_tables(table, none));
	KUNIT_EXPECT_TRUE(test, row_exists(none, key));
}

/* An existing table must declare the same fields, in any order. */
static void decl_creates(struct kunit *test)
{
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	const struct nf_dict_decl decls[] = {
		{ f, NF_DICT_INT }, { g, NF_DICT_BOOL },
	};
	const struct nf_dict_decl same[] = {
		{ g, NF_DICT_BOOL }, { f, NF_DICT_INT },
	};
	struct nf_dict_table_params params = { .ndecls = 2, .decls = same };
	struct nf_dict_table *table, *use;
	u8 type;

	table = declared_table(test, "kunit-a", false, decls, 2);
	KUNIT_EXPECT_PTR_EQ(test, table,
			    table_create("kunit-a", &params, false));
	nf_dict_table_put(table);
	params.ndecls = 1;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    table_create("kunit-a", &params, false));
	params.ndecls = 0;
	params.open = true;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    table_create("kunit-b", &params, false));
	params.open = false;
	params.ndecls = NF_DICT_FIELDS_MAX + 1;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-E2BIG),
			    table_create("kunit-b", &params, false));

	/* A table of rules, with fields that fit the declaration or not. */
	params.ndecls = 1;
	use = test_use("kunit-u");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, use);
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_use_field(use, f, NF_DICT_UNSPEC,
							 false, &type));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EBUSY),
			    table_create("kunit-u", &params, false));
	params.ndecls = 2;
	table = table_create("kunit-u", &params, true);
	KUNIT_EXPECT_PTR_EQ(test, use, table);
	nf_dict_table_unuse_field(use, f, NF_DICT_UNSPEC, false);
	nf_dict_table_unuse(use, NF_DICT_KEY_INT);
	expect_delete(test, table);
}

static void table_drops(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");

	KUNIT_EXPECT_EQ(test, 0, table_stats(table).drops);
	nf_dict_table_drop(table);
	KUNIT_EXPECT_EQ(test, 1, table_stats(table).drops);
}

/* Rows */

static void row_key_classes(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *field = test_field(test, "f");
	static const char bytes[16] = { 0, 0, 0, 0, 0, 0, 0, 7 };
	char s[NF_DICT_KEY_STRING_MAX], t[NF_DICT_KEY_STRING_MAX];
	struct nf_dict_key keys[] = {
		int_key(7),
		int_key(7ULL << 32),
		bytes_key(NF_DICT_KEY_IPV4, bytes + 4, 4),
		bytes_key(NF_DICT_KEY_IPV6, bytes, 16),
		bytes_key(NF_DICT_KEY_ETHER, bytes + 2, 6),
		bytes_key(NF_DICT_KEY_RAW, bytes, 8),
		bytes_key(NF_DICT_KEY_RAW, bytes, 9),
		bytes_key(NF_DICT_KEY_RAW, bytes + 4, 4),
		bytes_key(NF_DICT_KEY_RAW, bytes, 16),
		bytes_key(NF_DICT_KEY_RAW, bytes + 7, 1),
		string_key("7"),
		string_key("7 "),
		bytes_key(NF_DICT_KEY_RAW, "7", 1),
		bytes_key(NF_DICT_KEY_STRING, s, 128),
		bytes_key(NF_DICT_KEY_STRING, s, 127),
		bytes_key(NF_DICT_KEY_STRING, t, 128),
	};
	unsigned int i;

	memset(s, 's', sizeof(s));
	memset(t, 's', sizeof(t));
	t[127] = 't';

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		KUNIT_EXPECT_EQ(test, 0, write_int(table, keys[i], field, i));
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(keys), table_stats(table).rows);
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct nf_dict_row *row;
		struct nf_dict_key key;

		KUNIT_EXPECT_EQ(test, i, read_int(table, keys[i], field));
		rcu_read_lock();
		row = nf_dict_row_lookup(table, &keys[i]);
		nf_dict_row_key(row, &key);
		KUNIT_EXPECT_EQ(test, keys[i].type, key.type);
		KUNIT_EXPECT_EQ(test, keys[i].len, key.len);
		if (key.type == NF_DICT_KEY_INT)
			KUNIT_EXPECT_EQ(test, keys[i].num, key.num);
		else
			KUNIT_EXPECT_EQ(test, 0, memcmp(keys[i].data, key.data,
							key.len));
		rcu_read_unlock();
	}
}

struct hashed {
	u32	hash;
	u32	num;
};

static int hashed_cmp(const void *a, const void *b)
{
	const struct hashed *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/**
 * struct hash_load - buckets that keys were hashed into
 * @chain: keys in each
 * @longest: most keys that one ever had
 */
struct hash_load {
	u8	chain[1024];
	u8	longest;
};

#define HASH_KEYS	768

/* As rhashtable does. */
static void hash_load_add(struct hash_load *load, u32 hash)
{
	u8 *chain = &load->chain[hash % ARRAY_SIZE(load->chain)];

	if (++*chain > load->longest)
		load->longest = *chain;
}

/* A number as a key of @type; @addr has the bytes. */
static struct nf_dict_key short_key(u8 type, u64 num, u8 *addr)
{
	switch (type) {
	case NF_DICT_KEY_IPV4:
		put_unaligned_be32(num, addr);
		return bytes_key(type, addr, sizeof(struct in_addr));
	case NF_DICT_KEY_ETHER:
		put_unaligned_be16(num >> 32, addr);
		put_unaligned_be32(num, addr + 2);
		return bytes_key(type, addr, ETH_ALEN);
	case NF_DICT_KEY_IPV6:
		put_unaligned_be64(0x20010db8ULL << 32, addr);
		put_unaligned_be64(num, addr + 8);
		return bytes_key(type, addr, sizeof(struct in6_addr));
	default:
		return int_key(num);
	}
}

/* HASH_KEYS keys; @at makes each from its number. */
static void hash_load_keys(struct hash_load *load, u8 type, u32 seed,
			   u64 (*at)(unsigned int i, const u64 *arg),
			   const u64 *arg)
{
	u8 addr[sizeof(struct in6_addr)];
	struct nf_dict_key key;
	unsigned int i;

	memset(load->chain, 0, sizeof(load->chain));
	for (i = 0; i < HASH_KEYS; i++) {
		key = short_key(type, at(i, arg), addr);
		hash_load_add(load, nf_dict_key_hash(&key, 0, seed));
	}
}

static u64 hash_progression(unsigned int i, const u64 *arg)
{
	return arg[0] + i * arg[1];
}

/* Spreads the bits of @i over the bits that are set in @arg[1]. */
static u64 hash_pattern(unsigned int i, const u64 *arg)
{
	u64 num = arg[0] & ~arg[1], mask = arg[1];

	for (; mask; mask &= mask - 1, i >>= 1)
		if (i & 1)
			num |= mask & -mask;

	return num;
}

static const struct {
	u8	type;
	u8	bits;
} short_keys[] = {
	{ NF_DICT_KEY_INT,	32 },
	{ NF_DICT_KEY_INT,	64 },
	{ NF_DICT_KEY_IPV4,	32 },
	{ NF_DICT_KEY_ETHER,	48 },
	{ NF_DICT_KEY_IPV6,	64 },
};

/*
 * Whatever the seed, keys that somebody chose at equal distances, or with all
 * combinations of ten bits, spread over the buckets: the longest chain of
 * random ones is 10 in as many tables.
 */
static void row_hash_spreads(struct kunit *test)
{
	const unsigned int seeds = 200;
	struct hash_load *load;
	unsigned int i, j, k;
	u64 arg[2];

	load = kunit_kzalloc(test, sizeof(*load), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, load);

	for (i = 0; i < ARRAY_SIZE(short_keys); i++) {
		u8 type = short_keys[i].type, bits = short_keys[i].bits;

		load->longest = 0;
		/* With more, the numbers would repeat. */
		for (j = 0; j <= bits - 10; j++) {
			for (k = 0; k < seeds; k++) {
				arg[0] = k & 1 ? get_random_u64() : 0;
				arg[1] = k % 4 ? 1 : get_random_u32() | 1;
				arg[1] <<= j;
				hash_load_keys(load, type,
					       k * GOLDEN_RATIO_32 + j,
					       hash_progression, arg);
			}
			cond_resched();
		}
		KUNIT_EXPECT_LE_MSG(test, load->longest, 14,
				    "progressions of class %u", type);

		load->longest = 0;
		for (k = 0; k < 20 * seeds; k++) {
			arg[0] = k & 1 ? get_random_u64() : 0;
			arg[1] = 0;
			while (hweight64(arg[1]) < 10)
				arg[1] |= BIT_ULL(get_random_u32_below(bits));
			hash_load_keys(load, type, get_random_u32(),
				       hash_pattern, arg);
			if (k % 64 == 0)
				cond_resched();
		}
		KUNIT_EXPECT_LE_MSG(test, load->longest, 14,
				    "patterns of class %u", type);
	}
}

/* The same for names that end in numbers. */
static void row_hash_spreads_names(struct kunit *test)
{
	struct nf_dict_key key = bytes_key(NF_DICT_KEY_STRING, NULL, 0);
	struct nf_dict_ns *ns = nf_dict_ns(TEST_NET);
	struct hash_load *load;
	unsigned int i, k;
	char name[16];
	u64 *names;

	load = kunit_kzalloc(test, sizeof(*load), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, load);
	names = kunit_kmalloc_array(test, HASH_KEYS, sizeof(*names),
				    GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, names);
	for (i = 0; i < HASH_KEYS; i++) {
		snprintf(name, sizeof(name), "user%u", i);
		names[i] = nf_dict_string_hash(ns, name, strlen(name));
	}
	for (k = 0; k < 20000; k++) {
		memset(load->chain, 0, sizeof(load->chain));
		for (i = 0; i < HASH_KEYS; i++)
			hash_load_add(load, nf_dict_key_hash(&key, names[i],
							     k));
		cond_resched();
	}
	KUNIT_EXPECT_LE(test, load->longest, 14);
}

/*
 * Long keys whose hashes are the same have others with the next seed: a chain
 * that grew too long is gone after rhashtable has hashed it again.
 */
static void row_hash_new_seed(struct kunit *test)
{
	static const u8 types[] = { NF_DICT_KEY_STRING, NF_DICT_KEY_IPV6 };
	struct nf_dict_ns *ns = nf_dict_ns(TEST_NET);
	unsigned int i, t, n = 300000, equal, again;
	struct nf_dict_probe probe[2];
	struct nf_dict_key key[2];
	char text[2][20];
	struct hashed *h;

	h = vmalloc_array(n, sizeof(*h));
	KUNIT_ASSERT_NOT_NULL(test, h);

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		key[0] = bytes_key(types[t], text[0], 16);
		key[1] = bytes_key(types[t], text[1], 16);
		for (i = 0; i < n; i++) {
			h[i].num = i;
			snprintf(text[0], sizeof(text[0]), "name%012u", i);
			nf_dict_probe_init(&probe[0], ns, &key[0]);
			h[i].hash = nf_dict_probe_hash(&probe[0], 1);
		}
		sort(h, n, sizeof(*h), hashed_cmp, NULL);
		equal = 0;
		again = 0;
		for (i = 1; i < n; i++) {
			if (h[i].hash != h[i - 1].hash)
				continue;
			equal++;
			snprintf(text[0], sizeof(text[0]), "name%012u",
				 h[i].num);
			snprintf(text[1], sizeof(text[1]), "name%012u",
				 h[i - 1].num);
			nf_dict_probe_init(&probe[0], ns, &key[0]);
			nf_dict_probe_init(&probe[1], ns, &key[1]);
			if (nf_dict_probe_hash(&probe[0], 2) ==
			    nf_dict_probe_hash(&probe[1], 2))
				again++;
		}
		/* 300,000 of them have about ten such pairs. */
		KUNIT_EXPECT_GT(test, equal, 0);
		KUNIT_EXPECT_EQ_MSG(test, 0, again, "of %u pairs of class %u",
				    equal, types[t]);
	}
	vfree(h);
}

/* What a dump shows of hashes is useless in another namespace. */
static void atom_hash_is_the_namespaces(struct kunit *test)
{
	struct nf_dict_ns *ns = nf_dict_ns(TEST_NET), *other;

	other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_ASSERT_EQ(test, 0, nf_dict_atoms_init(other));
	KUNIT_EXPECT_NE(test, nf_dict_string_hash(ns, "text", 4),
			nf_dict_string_hash(other, "text", 4));
	nf_dict_atoms_exit(other);
}

/* The error of the hash table is passed on. */
static void atom_errors(struct kunit *test)
{
	struct rhashtable *ht = &nf_dict_ns(TEST_NET)->atoms;
	unsigned int max = ht->max_elems;
	struct nf_dict_value value;

	ht->max_elems = 0;
	KUNIT_EXPECT_EQ(test, -ENOSPC, value_init(&value, NF_DICT_LONG_STRING,
						  "one too many", 12));
	ht->max_elems = max;
}

/* Keys whose whole 32-bit hashes are the same are still two keys. */
static void row_hash_collision(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *field = test_field(test, "f");
	unsigned int i, found = 0, n = 300000;
	struct nf_dict_rows *rows;
	struct nf_dict_key key;
	struct hashed *h;
	u32 seed;

	rcu_read_lock();
	rows = rcu_dereference(table->rows);
	seed = rht_dereference_rcu(rows->ht.tbl, &rows->ht)->hash_rnd;
	rcu_read_unlock();

	h = vmalloc_array(n, sizeof(*h));
	KUNIT_ASSERT_NOT_NULL(test, h);
	for (i = 0; i < n; i++) {
		key = int_key(get_random_u32());
		h[i].num = key.num;
		h[i].hash = nf_dict_key_hash(&key, 0, seed);
	}
	sort(h, n, sizeof(*h), hashed_cmp, NULL);
	for (i = 1; i < n && found < 5; i++) {
		if (h[i].hash != h[i - 1].hash || h[i].num == h[i - 1].num)
			continue;
		found++;
		KUNIT_EXPECT_EQ(test, 0, write_int(table, int_key(h[i].num),
						   field, h[i].num));
		KUNIT_EXPECT_FALSE(test,
				   row_exists(table, int_key(h[i - 1].num)));
		KUNIT_EXPECT_EQ(test, 0, write_int(table, int_key(h[i - 1].num),
						   field, h[i - 1].num));
		KUNIT_EXPECT_EQ(test, h[i].num,
				read_int(table, int_key(h[i].num), field));
		KUNIT_EXPECT_EQ(test, h[i - 1].num,
				read_int(table, int_key(h[i - 1].num), field));
	}
	vfree(h);
	/* 300,000 numbers have about ten such pairs. */
	KUNIT_EXPECT_GT(test, found, 0);
}

static void row_write_flags(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	struct nf_dict_value one = int_value(NF_DICT_INT, 1);
	struct nf_dict_value two = int_value(NF_DICT_INT, 2);
	struct nf_dict_update none = { .flags = NF_DICT_W_CREATE };
	struct nf_dict_key key = int_key(1);

	KUNIT_EXPECT_EQ(test, -EINVAL, nf_dict_row_write(table, &key, &none));
	KUNIT_EXPECT_EQ(test, -ENOENT, write_value(table, key, f, one, 0, 0));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			write_value(table, key, f, one, NF_DICT_W_REPLACE, 0));
	KUNIT_EXPECT_FALSE(test, row_exists(table, key));
	KUNIT_EXPECT_EQ(test, 0,
			write_value(table, key, f, one,
				    NF_DICT_W_CREATE | NF_DICT_W_EXCL, 0));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			write_value(table, key, f, two,
				    NF_DICT_W_CREATE | NF_DICT_W_EXCL, 0));
	KUNIT_EXPECT_EQ(test, 1, read_int(table, key, f));
	KUNIT_EXPECT_EQ(test, 0, write_value(table, key, g, two, 0, 0));
	KUNIT_EXPECT_EQ(test, 1, read_int(table, key, f));
	KUNIT_EXPECT_EQ(test, 2, read_int(table, key, g));
	KUNIT_EXPECT_EQ(test, 0,
			write_value(table, key, g, one, NF_DICT_W_REPLACE, 0));
	KUNIT_EXPECT_EQ(test, -1, read_int(table, key, f));
	KUNIT_EXPECT_EQ(test, 1, read_int(table, key, g));
	KUNIT_EXPECT_EQ(test, 1, table_stats(table).rows);
}

static int write_op(struct nf_dict_table *table, struct nf_dict_key key,
		    struct nf_dict_atom *field, u8 op, u8 type, s64 num)
{
	u32 flags = op == NF_DICT_OP_NUMBER ?
		    NF_DICT_W_CREATE | NF_DICT_W_PACKET : 0;

	return write_field(table, key, (struct nf_dict_field_value){
		.field = field, .op = op, .value = int_value(type, num) },
		flags, 0);
}

/* The number in a field of the row, if the field has @type. */
static void expect_number(struct kunit *test, struct nf_dict_table *table,
			  struct nf_dict_key key, struct nf_dict_atom *field,
			  u8 type, s64 num)
{
	const struct nf_dict_row *row;
	struct nf_dict_value value = {};

	rcu_read_lock();
	row = nf_dict_row_lookup(table, &key);
	if (row && !nf_dict_row_read(row, field, NULL, &value))
		row = NULL;
	rcu_read_unlock();

	KUNIT_ASSERT_NOT_NULL(test, row);
	KUNIT_EXPECT_EQ(test, type, value.type);
	KUNIT_EXPECT_EQ(test, num, nf_dict_value_num(&value));
}

/* A plain number takes the type that the field has, if it fits. */
static void row_write_number(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_key key = int_key(1);

	KUNIT_ASSERT_EQ(test, 0,
			write_value(table, key, f,
				    int_value(NF_DICT_INT, 5),
				    NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, 0, write_op(table, key, f, NF_DICT_OP_NUMBER,
					  NF_DICT_INT64, S32_MAX));
	expect_number(test, table, key, f, NF_DICT_INT, S32_MAX);
	KUNIT_EXPECT_EQ(test, -ERANGE,
			write_op(table, key, f, NF_DICT_OP_NUMBER,
				 NF_DICT_INT64, S32_MAX + 1LL));
	expect_number(test, table, key, f, NF_DICT_INT, S32_MAX);

	KUNIT_ASSERT_EQ(test, 0, write_string(test, table, key, f, "text"));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			write_op(table, key, f, NF_DICT_OP_NUMBER,
				 NF_DICT_INT64, 1));

	/* Without a field, or after expiry: the type of the value. */
	key = int_key(2);
	KUNIT_EXPECT_EQ(test, 0, write_op(table, key, f, NF_DICT_OP_NUMBER,
					  NF_DICT_INT64, 7));
	expect_number(test, table, key, f, NF_DICT_INT64, 7);
}

/* Sums and other fields of a row are written all or none. */
static void row_write_sums(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	struct nf_dict_atom *h = test_field(test, "h");
	struct nf_dict_key key = int_key(1);
	struct nf_dict_field_value fields[3];
	struct nf_dict_update u = { .fields = fields };
	unsigned int i;
	s64 f_is = 10, g_is = S64_MAX - 5;

	KUNIT_EXPECT_EQ(test, -ENOENT, write_op(table, key, f, NF_DICT_OP_ADD,
						NF_DICT_INT, 1));
	KUNIT_ASSERT_EQ(test, 0,
			write_value(table, key, f,
				    int_value(NF_DICT_INT, f_is),
				    NF_DICT_W_CREATE, 0));
	KUNIT_ASSERT_EQ(test, 0, write_int(table, key, g, g_is));

	for (i = 0; i < 3; i++) {
		fields[0].field = f;
		fields[0].op = NF_DICT_OP_SUB;
		fields[0].value = int_value(NF_DICT_INT64, i ? -3 : 4);
		fields[1].field = g;
		fields[1].op = NF_DICT_OP_ADD;
		fields[1].value = int_value(NF_DICT_INT, 4);
		fields[2].field = h;
		fields[2].op = i == 2 ? NF_DICT_OP_ADD : NF_DICT_OP_SET;
		fields[2].value = i == 2 ? int_value(NF_DICT_INT, 1) :
					   string_value(test, "text");
		u.nfields = 3;
		KUNIT_EXPECT_EQ(test, i == 2 ? -EINVAL : 0,
				nf_dict_row_write(table, &key, &u));
		nf_dict_update_release(&u);
		if (i < 2)
			f_is += i ? 3 : -4;
		g_is = S64_MAX - (i ? 0 : 1);
		expect_number(test, table, key, f, NF_DICT_INT, f_is);
		expect_number(test, table, key, g, NF_DICT_INT64, g_is);
	}
}

/* Consumes @value. */
static int write_list(struct nf_dict_table *table, struct nf_dict_key key,
		      struct nf_dict_atom *field, u8 op,
		      struct nf_dict_value value, u32 flags)
{
	int err = write_field(table, key, (struct nf_dict_field_value){
		.field = field, .op = op, .value = value }, flags, 0);

	nf_dict_value_put(&value);

	return err;
}

static void expect_field_list(struct kunit *test, struct nf_dict_table *table,
			      struct nf_dict_key key,
			      struct nf_dict_atom *field, const char *want)
{
	const struct nf_dict_row *row;
	struct nf_dict_value value = {};

	rcu_read_lock();
	row = nf_dict_row_lookup(table, &key);
	if (row && nf_dict_row_read(row, field, NULL, &value))
		expect_list(test, &value, want);
	else
		KUNIT_FAIL(test, "no field, %s wanted", want);
	rcu_read_unlock();
}

/* Members are added and removed; a list that is missing is created by adding. */
static void list_changes(struct kunit *test)
{
	static const struct {
		u8		op;
		const char	*members;
		const char	*list;
	} steps[] = {
		{ NF_DICT_OP_SET, "b,d", "b,d" },
		{ NF_DICT_OP_ADD, "c", "b,c,d" },
		{ NF_DICT_OP_ADD, "c", "b,c,d" },
		{ NF_DICT_OP_ADD, "e,a,c", "a,b,c,d,e" },
		{ NF_DICT_OP_ADD, "", "a,b,c,d,e" },
		{ NF_DICT_OP_SUB, "", "a,b,c,d,e" },
		{ NF_DICT_OP_SUB, "e", "a,b,c,d" },
		{ NF_DICT_OP_SUB, "a,x", "b,c,d" },
		{ NF_DICT_OP_SUB, "0,c,c0,z", "b,d" },
		{ NF_DICT_OP_SUB, "b,d", "" },
		{ NF_DICT_OP_SUB, "b", "" },
		{ NF_DICT_OP_ADD, "b", "b" },
	};
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	struct nf_dict_key key = int_key(1);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, -ENOENT,
			write_list(table, key, f, NF_DICT_OP_ADD,
				   list_value(test, "a"), 0));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			write_list(table, key, f, NF_DICT_OP_SUB,
				   list_value(test, "a"), NF_DICT_W_CREATE));
	KUNIT_ASSERT_EQ(test, 0,
			write_list(table, key, f, NF_DICT_OP_ADD,
				   list_value(test, "n,m"), NF_DICT_W_CREATE));
	expect_field_list(test, table, key, f, "m,n");

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		KUNIT_ASSERT_EQ_MSG(test, 0,
				    write_list(table, key, f, steps[i].op,
					       list_value(test, steps[i].members),
					       i & 1 ? NF_DICT_W_CREATE : 0),
				    "step %u", i);
		expect_field_list(test, table, key, f, steps[i].list);
	}

	/* A field that the row lacks, and one of another type. */
	KUNIT_EXPECT_EQ(test, -ENOENT,
			write_list(table, key, g, NF_DICT_OP_SUB,
				   list_value(test, "a"), 0));
	KUNIT_EXPECT_EQ(test, 0,
			write_list(table, key, g, NF_DICT_OP_ADD,
				   list_value(test, "a"), 0));
	expect_field_list(test, table, key, g, "a");
	KUNIT_ASSERT_EQ(test, 0, write_int(table, key, g, 5));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			write_list(table, key, g, NF_DICT_OP_ADD,
				   list_value(test, "a"), 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			write_list(table, key, f, NF_DICT_OP_ADD,
				   int_value(NF_DICT_INT64, 1), 0));
	expect_field_list(test, table, key, f, "b");
}

static void list_change_limits(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_key key = int_key(1);
	struct nf_dict_value value;
	unsigned int len;
	char *text;

	text = kunit_kzalloc(test, NF_DICT_STRING_MAX + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	len = fill_members(text, NF_DICT_LIST_MAX, 3);
	KUNIT_ASSERT_EQ(test, 0,
			value_init(&value, NF_DICT_STRING_LIST, text, len));
	KUNIT_ASSERT_EQ(test, 0,
			write_list(table, key, f, NF_DICT_OP_SET, value,
				   NF_DICT_W_CREATE));
	KUNIT_EXPECT_EQ(test, 0,
			write_list(table, key, f, NF_DICT_OP_ADD,
				   list_value(test, "a00,c54"), 0));
	KUNIT_EXPECT_EQ(test, -ENAMETOOLONG,
			write_list(table, key, f, NF_DICT_OP_ADD,
				   list_value(test, "c55"), 0));
	KUNIT_EXPECT_EQ(test, 0,
			write_list(table, key, f, NF_DICT_OP_SUB,
				   list_value(test, "b00"), 0));
	KUNIT_EXPECT_EQ(test, 0,
			write_list(table, key, f, NF_DICT_OP_ADD,
				   list_value(test, "c55"), 0));

	len = fill_members(text, 2, 2046);
	KUNIT_ASSERT_EQ(test, 0,
			value_init(&value, NF_DICT_STRING_LIST, text, len));
	KUNIT_ASSERT_EQ(test, 0,
			write_list(table, key, f, NF_DICT_OP_SET, value, 0));
	KUNIT_EXPECT_EQ(test, -ENAMETOOLONG,
			write_list(table, key, f, NF_DICT_OP_ADD,
				   list_value(test, "zz"), 0));
	KUNIT_EXPECT_EQ(test, 0,
			write_list(table, key, f, NF_DICT_OP_ADD,
				   list_value(test, "z"), 0));
}

/* Sums do not restart the lifetime of a row, in place or not. */
static void row_sums_keep_lifetime(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	struct nf_dict_key key = int_key(1);
	struct nf_dict_field_value fields[2] = {};
	struct nf_dict_update u = {
		.flags = NF_DICT_W_CREATE | NF_DICT_W_TIMEOUT,
		.timeout = 1000000, .fields = fields,
	};
	const struct nf_dict_row *row;
	u64 expires, now;
	unsigned int i;

	fields[0].field = f;
	fields[1].field = g;
	for (i = 0; i < 4; i++) {
		fields[0].op = i ? NF_DICT_OP_ADD : NF_DICT_OP_SET;
		fields[1].op = i == 2 ? NF_DICT_OP_SUB : NF_DICT_OP_SET;
		fields[0].value = int_value(NF_DICT_INT, 1);
		fields[1].value = int_value(NF_DICT_INT, 1);
		u.nfields = i == 1 ? 1 : 2;
		KUNIT_ASSERT_EQ(test, 0, nf_dict_row_write(table, &key, &u));
		u.flags = 0;

		rcu_read_lock();
		row = nf_dict_row_lookup(table, &key);
		now = row ? row->expires : 0;
		rcu_read_unlock();
		if (i == 3)
			KUNIT_EXPECT_GT(test, now, expires);
		else if (i)
			KUNIT_EXPECT_EQ(test, now, expires);
		expires = now;
		msleep(20);
	}
}

/* A field is deleted only if it has the type, in one step. */
static void row_delete_type(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_key key = int_key(1);

	KUNIT_EXPECT_EQ(test, -ENOENT,
			nf_dict_row_delete_field(table, &key, f,
						 NF_DICT_UNSPEC));
	KUNIT_ASSERT_EQ(test, 0,
			write_value(table, key, f,
				    int_value(NF_DICT_INT, 5),
				    NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			nf_dict_row_delete_field(table, &key, f,
						 NF_DICT_INT64));
	expect_number(test, table, key, f, NF_DICT_INT, 5);
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete_field(table, &key, f,
							  NF_DICT_NUMBER));
	KUNIT_ASSERT_EQ(test, 0,
			write_value(table, key, f,
				    int_value(NF_DICT_INT, 5),
				    NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete_field(table, &key, f,
							  NF_DICT_INT));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			nf_dict_row_delete_field(table, &key, f,
						 NF_DICT_UNSPEC));
}

/* Twenty fields of all types in one update, told back in order. */
static void row_write_many(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_field_value fields[20] = {};
	struct nf_dict_update u = {
		.flags = NF_DICT_W_CREATE, .fields = fields,
	};
	const struct nf_dict_row *row;
	struct nf_dict_value value;
	char name[16];
	unsigned int i;
	struct nf_dict_key key = string_key("row");

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		snprintf(name, sizeof(name), "field%u", i);
		fields[i].field = test_field(test, name);
		fields[i].value = i % 2 ? string_value(test, name) :
					  int_value(NF_DICT_INT64, i);
	}
	u.nfields = ARRAY_SIZE(fields);
	KUNIT_ASSERT_EQ(test, 0, nf_dict_row_write(table, &key, &u));
	KUNIT_EXPECT_EQ(test, 0, u.nfields);

	rcu_read_lock();
	row = nf_dict_row_lookup(table, &key);
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(fields), nf_dict_row_places(table, row));
	for (i = 0; i < nf_dict_row_places(table, row); i++) {
		const struct nf_dict_atom *field;

		snprintf(name, sizeof(name), "field%u", i);
		field = nf_dict_row_field(table, row, i, &value);
		KUNIT_EXPECT_STREQ(test, name, nf_dict_atom_data(field));
		if (i % 2)
			KUNIT_EXPECT_STREQ(test, name,
					   nf_dict_value_atom(&value)->data);
		else
			KUNIT_EXPECT_EQ(test, i, nf_dict_value_num(&value));
	}
	rcu_read_unlock();

	/* The same name twice is refused, and nothing is written. */
	for (i = 0; i < 2; i++) {
		fields[i].field = test_field(test, "field0");
		fields[i].value = int_value(NF_DICT_INT64, 77);
	}
	u.nfields = 2;
	KUNIT_EXPECT_EQ(test, -EINVAL, nf_dict_row_write(table, &key, &u));
	KUNIT_EXPECT_EQ(test, 2, u.nfields);
	nf_dict_update_release(&u);
	KUNIT_EXPECT_EQ(test, 0,
			read_int(table, key, test_field(test, "field0")));
}

static void row_most_fields(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_key key = int_key(1);
	struct nf_dict_atom *field;
	unsigned int i;
	char name[16];

	for (i = 0; i <= NF_DICT_FIELDS_MAX; i++) {
		snprintf(name, sizeof(name), "field%u", i);
		field = test_field(test, name);
		KUNIT_EXPECT_EQ_MSG(test, i < NF_DICT_FIELDS_MAX ? 0 : -E2BIG,
				    write_int(table, key, field, i),
				    "field %u", i);
	}
	for (i = 0; i < NF_DICT_FIELDS_MAX; i++) {
		snprintf(name, sizeof(name), "field%u", i);
		KUNIT_EXPECT_EQ(test, i,
				read_int(table, key, test_field(test, name)));
	}
}

/* A field may change its type; the old value is released. */
static void row_change_type(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_value value = string_value(test, "kunit-released");
	struct nf_dict_atom *atom = nf_dict_value_atom(&value);
	struct nf_dict_key key = int_key(1);

	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, f, 5));
	KUNIT_EXPECT_EQ(test, 0, write_string(test, table, key, f,
					      "kunit-released"));
	KUNIT_EXPECT_EQ(test, 2, refcount_read(&atom->refs));
	KUNIT_EXPECT_EQ(test, 0, write_string(test, table, key, f, "other"));
	KUNIT_EXPECT_EQ(test, 1, refcount_read(&atom->refs));
	KUNIT_EXPECT_EQ(test, 0, write_string(test, table, key, f,
					      "kunit-released"));
	KUNIT_EXPECT_EQ(test, 2, refcount_read(&atom->refs));
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, f, 6));
	KUNIT_EXPECT_EQ(test, 1, refcount_read(&atom->refs));
	KUNIT_EXPECT_EQ(test, 6, read_int(table, key, f));
	nf_dict_value_put(&value);
}

static void row_references(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "kunit-f");
	struct nf_dict_atom *g = test_field(test, "kunit-g");
	struct nf_dict_key key = int_key(1);

	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, f, 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, g, 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, f, 2));
	KUNIT_EXPECT_EQ(test, 2, refcount_read(&f->refs));
	KUNIT_EXPECT_EQ(test, 2, refcount_read(&g->refs));
	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_row_delete_fields(table, &key, &f, 1));
	KUNIT_EXPECT_EQ(test, 1, refcount_read(&f->refs));
	KUNIT_EXPECT_EQ(test, 2, refcount_read(&g->refs));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(table, &key));
	KUNIT_EXPECT_EQ(test, 1, refcount_read(&g->refs));
	KUNIT_EXPECT_EQ(test, 0,
			write_value(table, key, g, int_value(NF_DICT_INT, 1),
				    NF_DICT_W_CREATE, 0));
	KUNIT_EXPECT_EQ(test, 0,
			write_value(table, key, f, int_value(NF_DICT_INT, 1),
				    NF_DICT_W_REPLACE, 0));
	KUNIT_EXPECT_EQ(test, 2, refcount_read(&f->refs));
	KUNIT_EXPECT_EQ(test, 1, refcount_read(&g->refs));
}

static void row_delete(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *fields[] = {
		test_field(test, "f"), test_field(test, "g"),
		test_field(test, "h"),
	};
	struct nf_dict_atom *two[] = { fields[0], fields[2] };
	struct nf_dict_atom *twice[] = { fields[0], fields[0] };
	struct nf_dict_key key = int_key(1);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, -ENOENT, nf_dict_row_delete(table, &key));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			nf_dict_row_delete_fields(table, &key, fields, 1));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, 0, write_int(table, key, fields[i], i));

	/* All or nothing. */
	KUNIT_EXPECT_EQ(test, -EINVAL,
			nf_dict_row_delete_fields(table, &key, fields, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			nf_dict_row_delete_fields(table, &key, twice, 2));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			nf_dict_row_delete_fields(table, &key, two, 2));
	KUNIT_EXPECT_EQ(test, 0, read_int(table, key, fields[0]));

	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, fields[2], 2));
	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_row_delete_fields(table, &key, two, 2));
	KUNIT_EXPECT_EQ(test, -1, read_int(table, key, fields[0]));
	KUNIT_EXPECT_EQ(test, 1, read_int(table, key, fields[1]));
	KUNIT_EXPECT_EQ(test, -1, read_int(table, key, fields[2]));

	/* The row is deleted with its last field. */
	KUNIT_EXPECT_EQ(test, 0,
			nf_dict_row_delete_fields(table, &key, &fields[1], 1));
	KUNIT_EXPECT_FALSE(test, row_exists(table, key));
	KUNIT_EXPECT_EQ(test, 0, table_stats(table).rows);
}

static void row_full_table(struct kunit *test)
{
	struct nf_dict_table *table = test_table_sized(test, "kunit-a", 10, 0);
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_key key = int_key(3);
	int i;

	for (i = 0; i < 12; i++)
		KUNIT_EXPECT_EQ(test, i < 10 ? 0 : -ENFILE,
				write_int(table, int_key(i), f, i));
	KUNIT_EXPECT_EQ(test, 10, table_stats(table).rows);
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, f, 33));
	KUNIT_EXPECT_EQ(test, 33, read_int(table, key, f));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(table, &key));
	KUNIT_EXPECT_EQ(test, 0, write_int(table, int_key(11), f, 11));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_change(table, 0, 0));
	KUNIT_EXPECT_EQ(test, 0, write_int(table, int_key(12), f, 12));
}

static void row_packets_are_bounded(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_value value = int_value(NF_DICT_INT, 1);
	u32 flags = NF_DICT_W_CREATE | NF_DICT_W_PACKET;
	unsigned int i;
	int err;

	for (i = 0; i <= NF_DICT_SIZE_DEFAULT; i++) {
		err = write_value(table, int_key(i), f, value, flags, 0);
		if (err)
			break;
		if (i % 256 == 0)
			cond_resched();
	}
	KUNIT_EXPECT_EQ(test, NF_DICT_SIZE_DEFAULT, i);
	KUNIT_EXPECT_EQ(test, -ENFILE, err);
	/* Daemons are not limited by it. */
	KUNIT_EXPECT_EQ(test, 0, write_int(table, int_key(i), f, 1));
	/* Packets can still write to existing rows. */
	KUNIT_EXPECT_EQ(test, 0, write_value(table, int_key(i), f, value, flags,
					     0));
}

static void row_arithmetic(struct kunit *test)
{
	static const struct {
		u8	type;
		s64	num;
		u64	amount;
		bool	subtract;
		s64	result;
	} cases[] = {
		{ NF_DICT_INT, 1, 2, false, 3 },
		{ NF_DICT_INT, 1, 2, true, -1 },
		{ NF_DICT_INT, S32_MAX - 1, 1, false, S32_MAX },
		{ NF_DICT_INT, S32_MAX, 1, false, S32_MAX },
		{ NF_DICT_INT, S32_MIN, 1, true, S32_MIN },
		{ NF_DICT_INT, S32_MIN, U32_MAX, false, S32_MAX },
		{ NF_DICT_INT, S32_MAX, U32_MAX, true, S32_MIN },
		{ NF_DICT_INT, 0, U64_MAX, false, S32_MAX },
		{ NF_DICT_INT64, 0, 1500, true, -1500 },
		{ NF_DICT_INT64, S64_MAX, 1, false, S64_MAX },
		{ NF_DICT_INT64, S64_MIN, 1, true, S64_MIN },
		{ NF_DICT_INT64, S64_MIN, U64_MAX, false, S64_MAX },
		{ NF_DICT_INT64, S64_MAX, U64_MAX, true, S64_MIN },
		{ NF_DICT_INT64, -1, U64_MAX, false, S64_MAX },
		{ NF_DICT_INT64, 5, 0, true, 5 },
	};
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_key key = int_key(1);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, -ENOENT,
			nf_dict_row_add(table, &key, f, NF_DICT_NUMBER, 1,
					false));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_ASSERT_EQ(test, 0,
				write_value(table, key, f,
					    int_value(cases[i].type,
						      cases[i].num),
					    NF_DICT_W_CREATE, 0));
		KUNIT_EXPECT_EQ(test, 0,
				nf_dict_row_add(table, &key, f,
						i % 2 ? NF_DICT_NUMBER :
							cases[i].type,
						cases[i].amount,
						cases[i].subtract));
		KUNIT_EXPECT_EQ_MSG(test, cases[i].result,
				    read_int(table, key, f), "case %u", i);
	}
	KUNIT_EXPECT_EQ(test, -EINVAL,
			nf_dict_row_add(table, &key, f, NF_DICT_INT, 1, false));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			nf_dict_row_add(table, &key, test_field(test, "g"),
					NF_DICT_NUMBER, 1, false));
	KUNIT_EXPECT_EQ(test, 0, write_string(test, table, key, f, "text"));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			nf_dict_row_add(table, &key, f, NF_DICT_NUMBER, 1,
					false));
}

static void row_hint(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	struct nf_dict_value value;
	const struct nf_dict_row *row;
	struct nf_dict_key key = int_key(1);
	unsigned long hints[] = { NF_DICT_HINT_NONE, 0, 1, 2, 254 };
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, f, 10));
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, g, 20));
	rcu_read_lock();
	row = nf_dict_row_lookup(table, &key);
	for (i = 0; i < ARRAY_SIZE(hints); i++) {
		KUNIT_EXPECT_TRUE(test, nf_dict_row_read(row, g, &hints[i],
							 &value));
		KUNIT_EXPECT_EQ(test, 20, nf_dict_value_num(&value));
	}
	KUNIT_EXPECT_EQ(test, 1, hints[0]);
	rcu_read_unlock();
}

static void row_timeouts(struct kunit *test)
{
	struct nf_dict_table *table = test_table_sized(test, "kunit-a", 2,
						       400);
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_value one = int_value(NF_DICT_INT, 1);
	const struct nf_dict_row *row;
	struct nf_dict_key key = int_key(1);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, f, 1));
	KUNIT_EXPECT_EQ(test, 0, write_value(table, int_key(2), f, one,
					     NF_DICT_W_CREATE |
					     NF_DICT_W_TIMEOUT, 0));
	rcu_read_lock();
	row = nf_dict_row_lookup(table, &key);
	KUNIT_ASSERT_NOT_NULL(test, row);
	KUNIT_EXPECT_EQ(test, 400, nf_dict_row_timeout(row));
	KUNIT_EXPECT_GT(test, nf_dict_row_expires(row), 0);
	KUNIT_EXPECT_LE(test, nf_dict_row_expires(row), 400);
	rcu_read_unlock();

	msleep(450);
	KUNIT_EXPECT_FALSE(test, row_exists(table, key));
	KUNIT_EXPECT_TRUE(test, row_exists(table, int_key(2)));
	KUNIT_EXPECT_EQ(test, -ENOENT, write_value(table, key, f, one, 0, 0));
	KUNIT_EXPECT_EQ(test, -ENOENT, nf_dict_row_delete(table, &key));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			nf_dict_row_add(table, &key, f, NF_DICT_NUMBER, 1,
					false));

	/* A new row in its place has its own lifetime. */
	KUNIT_EXPECT_EQ(test, 0, write_value(table, key, f, one,
					     NF_DICT_W_CREATE | NF_DICT_W_EXCL |
					     NF_DICT_W_TIMEOUT, 10000));
	rcu_read_lock();
	row = nf_dict_row_lookup(table, &key);
	KUNIT_ASSERT_NOT_NULL(test, row);
	KUNIT_EXPECT_EQ(test, 10000, nf_dict_row_timeout(row));
	KUNIT_EXPECT_GT(test, nf_dict_row_expires(row), 5000);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, 1, table_stats(table).expired);

	/* A write restarts it; a row without one keeps none. */
	KUNIT_EXPECT_EQ(test, 0, write_value(table, key, f, one,
					     NF_DICT_W_TIMEOUT, 30));
	KUNIT_EXPECT_EQ(test, 0, write_value(table, int_key(2), f, one, 0, 0));
	msleep(60);
	KUNIT_EXPECT_FALSE(test, row_exists(table, key));
	KUNIT_EXPECT_TRUE(test, row_exists(table, int_key(2)));

	/* Room is made soon for what expired. */
	for (i = 0; i < 100 && table_stats(table).rows > 1; i++)
		msleep(50);
	KUNIT_EXPECT_EQ(test, 1, table_stats(table).rows);
	KUNIT_EXPECT_EQ(test, 2, table_stats(table).expired);
}

/* Wait until no row of the namespace has a lifetime any more. */
static bool gc_is_idle(void)
{
	struct nf_dict_ns *ns = nf_dict_ns(TEST_NET);
	unsigned int i;
	u64 at;

	for (i = 0; i < 200; i++) {
		spin_lock_bh(&ns->gc_lock);
		at = ns->gc_at;
		spin_unlock_bh(&ns->gc_lock);
		if (at == NF_DICT_NEVER && !work_busy(&ns->gc_work.work))
			return true;
		msleep(50);
	}

	return false;
}

/* A writer that may sleep first reclaims expired rows. */
static void row_full_of_expired(struct kunit *test)
{
	struct nf_dict_table *table = test_table_sized(test, "kunit-a", 2,
						       100);
	struct nf_dict_atom *f = test_field(test, "f");
	unsigned int i;

	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_EQ(test, 0, write_int(table, int_key(i), f, i));
		KUNIT_EXPECT_EQ(test, i, read_int(table, int_key(i), f));
		if (i % 2)
			msleep(130);
	}
	KUNIT_EXPECT_EQ(test, 0, write_int(table, int_key(8), f, 8));
	KUNIT_EXPECT_EQ(test, 0, write_int(table, int_key(9), f, 9));
	KUNIT_EXPECT_EQ(test, -ENFILE, write_int(table, int_key(10), f, 10));
	KUNIT_EXPECT_EQ(test, 8, table_stats(table).expired);
}

/* A refused packet starts no work. */
static void gc_not_by_packets(struct kunit *test)
{
	struct nf_dict_ns *ns = nf_dict_ns(TEST_NET);
	struct nf_dict_value one = int_value(NF_DICT_INT, 1);
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_table *table;
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, gc_is_idle());
	table = test_table_sized(test, "kunit-a", 1, 3600 * MSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, 0, write_int(table, int_key(0), f, 0));
	for (i = 1; i < 10; i++) {
		KUNIT_EXPECT_EQ(test, -ENFILE,
				write_value(table, int_key(i), f, one,
					    NF_DICT_W_CREATE | NF_DICT_W_PACKET,
					    0));
		/* The work would be pending or running. */
		msleep(20);
		KUNIT_EXPECT_TRUE(test, delayed_work_pending(&ns->gc_work));
		KUNIT_EXPECT_TRUE(test, time_after(ns->gc_work.timer.expires,
						   jiffies + 60 * HZ));
	}
	nf_dict_table_flush(table);
	ns->gc_at = 0;
	mod_delayed_work(nf_dict_wq, &ns->gc_work, 0);
}

/* The collector runs for as long as some row has a lifetime, wherever it is. */
static void gc_ends(struct kunit *test)
{
	struct nf_dict_table *a = test_table(test, "kunit-a");
	struct nf_dict_table *b = test_table(test, "kunit-b");
	struct nf_dict_value one = int_value(NF_DICT_INT, 1);
	struct nf_dict_atom *f = test_field(test, "f");
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, write_int(a, int_key(1), f, 1));
	for (i = 2; i < 5; i++)
		KUNIT_EXPECT_EQ(test, 0,
				write_value(a, int_key(i), f, one,
					    NF_DICT_W_CREATE |
					    NF_DICT_W_TIMEOUT, i * 50));
	KUNIT_EXPECT_EQ(test, 0, swap_tables(a, b));
	KUNIT_EXPECT_TRUE(test, gc_is_idle());
	KUNIT_EXPECT_EQ(test, 1, table_stats(b).rows);
	KUNIT_EXPECT_EQ(test, 3, table_stats(b).expired);
}

/* Without the buckets: they get fewer some time after a row was deleted. */
static s64 rows_bytes(const struct nf_dict_table *table)
{
	const struct nf_dict_rows *rows;
	s64 bytes = 0;
	unsigned int i;

	rows = rcu_dereference_protected(table->rows, true);
	for (i = 0; i <= rows->lock_mask; i++)
		bytes += rows->locks[i].bytes;

	return bytes;
}

static void row_bytes(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	struct nf_dict_key key = int_key(1);
	s64 one;

	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, f, 1));
	one = rows_bytes(table);
	KUNIT_EXPECT_GE(test, one, sizeof(struct nf_dict_row) + 24);
	KUNIT_EXPECT_GT(test, table_stats(table).bytes, one);
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, f, 2));
	KUNIT_EXPECT_EQ(test, one, rows_bytes(table));
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, g, 2));
	KUNIT_EXPECT_GE(test, rows_bytes(table), one);
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete_fields(table, &key, &g, 1));
	KUNIT_EXPECT_EQ(test, one, rows_bytes(table));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(table, &key));
	KUNIT_EXPECT_EQ(test, 0, rows_bytes(table));
}

/* Packed rows */

/* Names p0, p1, ...: of these, p<n> has type 1 + n modulo the number of types. */
#define PACK_FIELDS	48

/**
 * struct pack - a row of a table that declares its fields, and what it is like
 * @table: the table
 * @key: the row's key
 * @n: fields that are declared
 * @decls: these
 * @there: the row has them
 * @values: and these values, which own what they refer to
 * @hints: where readers found them
 * @step: counts, so that values differ
 */
struct pack {
	struct nf_dict_table	*table;
	struct nf_dict_key	key;
	unsigned int		n;
	struct nf_dict_decl	decls[PACK_FIELDS];
	bool			there[PACK_FIELDS];
	struct nf_dict_value	values[PACK_FIELDS];
	unsigned long		hints[PACK_FIELDS];
	unsigned int		step;
};

/* Values that differ in their last bytes, if the type has several. */
static struct nf_dict_value pack_value(struct kunit *test, struct pack *p,
				       u8 type)
{
	u64 num = ++p->step * 0x0102030405060708ULL;
	struct nf_dict_value value = {};
	char text[24];

	switch (type) {
	case NF_DICT_BOOL:
		return int_value(type, p->step & 1);
	case NF_DICT_INT:
		return int_value(type, p->step & 1 ? (s32)num : -(s32)p->step);
	case NF_DICT_INT64:
		return int_value(type, p->step & 1 ? (s64)num : -(s64)p->step);
	case NF_DICT_IPV4_ADDR:
	case NF_DICT_ETHER_ADDR:
		KUNIT_EXPECT_EQ(test, 0, value_init(&value, type, &num,
						    nf_dict_type_len(type)));
		return value;
	case NF_DICT_STRING_LIST:
		snprintf(text, sizeof(text), "a,%05u", p->step);
		return list_value(test, text);
	}

	snprintf(text, sizeof(text), "kunit-pack-%05u", p->step);
	KUNIT_EXPECT_EQ(test, 0, value_init(&value, type, text, strlen(text)));

	return value;
}

static struct pack *pack_init(struct kunit *test)
{
	struct pack *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	unsigned int i;
	char name[8];

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->key = int_key(1);
	for (i = 0; i < PACK_FIELDS; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		p->decls[i].field = test_field(test, name);
		p->decls[i].type = 1 + i % NF_DICT_TYPE_MAX;
		p->hints[i] = NF_DICT_HINT_NONE;
	}

	return p;
}

static void pack_put(struct pack *p, unsigned int i)
{
	nf_dict_value_put(&p->values[i]);
	p->there[i] = false;
}

/* Writes the fields @first, @first + @skip, ... of the row, @n of them. */
static void pack_write(struct kunit *test, struct pack *p, unsigned int first,
		       unsigned int skip, unsigned int n, u32 flags)
{
	struct nf_dict_field_value fields[PACK_FIELDS] = {};
	struct nf_dict_update u = {
		.flags		= NF_DICT_W_CREATE | flags,
		.nfields	= n,
		.fields		= fields,
	};
	unsigned int i;

	for (i = 0; i < PACK_FIELDS && flags & NF_DICT_W_REPLACE; i++)
		pack_put(p, i);
	for (i = 0; i < n; i++, first += skip) {
		pack_put(p, first);
		p->values[first] = pack_value(test, p, p->decls[first].type);
		p->there[first] = true;
		nf_dict_value_hold(&p->values[first]);
		fields[i].field = p->decls[first].field;
		fields[i].value = p->values[first];
	}
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_write(p->table, &p->key, &u));
	nf_dict_update_release(&u);
}

static void pack_delete(struct kunit *test, struct pack *p, unsigned int i)
{
	int err = nf_dict_row_delete_fields(p->table, &p->key,
					    &p->decls[i].field, 1);

	KUNIT_EXPECT_EQ(test, p->there[i] ? 0 : -ENOENT, err);
	pack_put(p, i);
}

/* The row has what it should, whether it is read or listed. */
static void pack_check(struct kunit *test, struct pack *p, const char *what)
{
	const struct nf_dict_atom *name;
	const struct nf_dict_row *row;
	struct nf_dict_value value;
	unsigned int i, there = 0, listed = 0;
	bool found;

	rcu_read_lock();
	row = nf_dict_row_lookup(p->table, &p->key);
	for (i = 0; i < p->n; i++) {
		there += p->there[i];
		found = row && nf_dict_row_read(row, p->decls[i].field,
						&p->hints[i], &value);
		KUNIT_EXPECT_EQ_MSG(test, p->there[i], found,
				    "%s: field %u of %u", what, i, p->n);
		if (!found || !p->there[i])
			continue;
		KUNIT_EXPECT_EQ_MSG(test, p->decls[i].type, value.type,
				    "%s: field %u of %u", what, i, p->n);
		KUNIT_EXPECT_EQ_MSG(test, p->values[i].bits, value.bits,
				    "%s: field %u of %u", what, i, p->n);
	}
	KUNIT_EXPECT_EQ_MSG(test, !!there, !!row, "%s", what);
	for (i = 0; row && i < nf_dict_row_places(p->table, row); i++) {
		name = nf_dict_row_field(p->table, row, i, &value);
		if (!name)
			continue;
		KUNIT_EXPECT_PTR_EQ_MSG(test, p->decls[i].field, name, "%s",
					what);
		KUNIT_EXPECT_EQ_MSG(test, p->values[i].bits, value.bits, "%s",
				    what);
		listed++;
	}
	KUNIT_EXPECT_EQ_MSG(test, there, listed, "%s", what);
	rcu_read_unlock();
}

static void pack_exit(struct kunit *test, struct pack *p)
{
	unsigned int i;

	nf_dict_row_delete(p->table, &p->key);
	KUNIT_EXPECT_EQ(test, 0, rows_bytes(p->table));
	for (i = 0; i < PACK_FIELDS; i++)
		pack_put(p, i);
}

/*
 * One field of each type after the other is added to what the table declares,
 * behind one to eight truth values, so that each type comes behind any of the
 * others and at any place of a word. All else stays as it was.
 */
static void pack_grows(struct kunit *test)
{
	unsigned int start, n, i;
	struct pack *p;

	for (start = 1; start <= 8; start++) {
		p = pack_init(test);
		for (i = 0; i < start; i++)
			p->decls[i].type = NF_DICT_BOOL;
		p->table = declared_table(test, "kunit-a", false, p->decls,
					  start);
		p->n = start;
		pack_write(test, p, 0, 1, start, 0);
		for (n = start + 1; n <= PACK_FIELDS; n++) {
			KUNIT_EXPECT_EQ(test, 0, declare(p->table, false,
							 p->decls, n));
			p->n = n;
			pack_check(test, p, "an older row");
			pack_write(test, p, n - 1, 1, 1, 0);
			pack_check(test, p, "a field more");
			pack_write(test, p, n - 1, 1, 1, 0);
			pack_check(test, p, "overwritten");
			pack_write(test, p, n % start, 1, 1, 0);
			pack_check(test, p, "an older one overwritten");
		}
		for (i = 0; i < p->n; i++) {
			pack_write(test, p, i, 1, 1, 0);
			pack_check(test, p, "each overwritten");
		}
		pack_exit(test, p);
		kunit_release_action(test, test_table_delete, p->table);
	}
}

/* Fields are added and deleted, one or several at a time. */
static void pack_changes(struct kunit *test)
{
	struct pack *p = pack_init(test);
	struct nf_dict_stats stats;
	unsigned int i;
	s64 full;

	p->n = PACK_FIELDS;
	p->table = declared_table(test, "kunit-a", false, p->decls, p->n);
	for (i = 0; i < p->n; i++) {
		pack_write(test, p, i, 1, 1, 0);
		pack_check(test, p, "first field");
		pack_delete(test, p, i);
		pack_check(test, p, "last field");
		pack_delete(test, p, i);
	}
	KUNIT_EXPECT_EQ(test, 0, rows_bytes(p->table));

	pack_write(test, p, 1, 2, p->n / 2, 0);
	pack_check(test, p, "every other field");
	pack_write(test, p, 0, 3, p->n / 3, 0);
	pack_check(test, p, "every third field");
	pack_write(test, p, 0, 1, p->n, 0);
	pack_check(test, p, "all fields");
	stats = table_stats(p->table);
	full = rows_bytes(p->table);
	pack_write(test, p, 0, 1, p->n, 0);
	pack_check(test, p, "all overwritten");
	/* Its strings are as long. */
	KUNIT_EXPECT_EQ(test, full, rows_bytes(p->table));
	KUNIT_EXPECT_EQ(test, 1, stats.rows);
	for (i = 0; i < p->n; i += 2) {
		pack_delete(test, p, i);
		pack_check(test, p, "one deleted");
	}
	pack_write(test, p, 3, 7, 5, NF_DICT_W_REPLACE);
	pack_check(test, p, "replaced");
	for (i = 0; i < 500; i++) {
		unsigned int r = get_random_u32();

		if (r & BIT(16))
			pack_delete(test, p, r % p->n);
		else
			pack_write(test, p, r % (p->n / 2), 1 + (r >> 8) % 2,
				   1 + (r >> 12) % (p->n / 4),
				   r & BIT(17) ? NF_DICT_W_REPLACE : 0);
		pack_check(test, p, "any change");
	}
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(p->table));
	for (i = 0; i < p->n; i++)
		pack_put(p, i);
	pack_check(test, p, "flushed");
	pack_write(test, p, 1, 1, 3, 0);
	pack_check(test, p, "after a flush");
	pack_exit(test, p);
}

/* What a session needs: see write_session() of dict-bench. */
static void pack_bytes(struct kunit *test)
{
	struct pack *p = pack_init(test);
	struct nf_dict_table *open;
	s64 values = 0, packed;
	unsigned int i;

	p->n = 10;
	for (i = 0; i < p->n; i++)
		p->decls[i].type = NF_DICT_LONG_STRING;
	p->decls[1].type = NF_DICT_INT;
	p->decls[4].type = NF_DICT_IPV4_ADDR;
	p->decls[9].type = NF_DICT_INT64;
	p->table = declared_table(test, "kunit-a", false, p->decls, p->n);
	open = declared_table(test, "kunit-b", true, p->decls, p->n);

	pack_write(test, p, 0, 1, p->n, 0);
	pack_check(test, p, "session");
	for (i = 0; i < p->n; i++)
		if (nf_dict_type_has_atom(p->values[i].type))
			values += nf_dict_atom_bytes(nf_dict_value_atom(&p->values[i]));
	packed = rows_bytes(p->table);
	if (!IS_ENABLED(CONFIG_DEBUG_LOCK_ALLOC) && BITS_PER_LONG == 64)
		KUNIT_EXPECT_EQ(test, 128, packed - values);
	pack_exit(test, p);

	/* Undeclared names need ids. */
	swap(p->table, open);
	pack_write(test, p, 0, 1, p->n, 0);
	KUNIT_EXPECT_GT(test, rows_bytes(p->table), packed);
	pack_exit(test, p);
}

/* A worker frees the contents of earlier tests' tables, which have names, too. */
static bool pack_names_unused(const struct pack *p)
{
	unsigned int i, tries = 0;

	for (i = 0; i < p->n; i++) {
		while (refcount_read(&p->decls[i].field->refs) > 1) {
			if (++tries > 500)
				return false;
			msleep(20);
		}
	}

	return true;
}

/* The table has references to names, and rows have none. */
static void pack_names(struct kunit *test)
{
	struct pack *p = pack_init(test);
	struct nf_dict_ns *ns;
	unsigned int i, refs;

	p->n = 9;
	KUNIT_ASSERT_TRUE(test, pack_names_unused(p));
	p->table = declared_table(test, "kunit-a", false, p->decls, 8);
	ns = p->table->ns;
	refs = refcount_read(&p->decls[0].field->refs);
	for (i = 0; i < 10; i++) {
		p->key = int_key(i);
		pack_write(test, p, 0, 1, 8, 0);
	}
	KUNIT_EXPECT_EQ(test, refs, refcount_read(&p->decls[0].field->refs));
	KUNIT_EXPECT_EQ(test, 0, declare(p->table, false, p->decls, 9));
	KUNIT_EXPECT_EQ(test, refs, refcount_read(&p->decls[0].field->refs));
	KUNIT_EXPECT_EQ(test, refs, refcount_read(&p->decls[8].field->refs));
	KUNIT_EXPECT_FALSE(test, xa_empty(&ns->layouts));

	/* All goes with it, and with its rows. */
	for (i = 0; i < p->n; i++)
		pack_put(p, i);
	kunit_release_action(test, test_table_delete, p->table);
	for (i = 0; i < 500 && !xa_empty(&ns->layouts); i++)
		msleep(20);
	KUNIT_EXPECT_TRUE(test, xa_empty(&ns->layouts));
	for (i = 0; i < p->n; i++)
		KUNIT_EXPECT_EQ(test, 1,
				refcount_read(&p->decls[i].field->refs));
}

/* Swapped rows keep their layout, and hints are renewed. */
static void pack_swaps(struct kunit *test)
{
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	struct nf_dict_atom *h = test_field(test, "h");
	const struct nf_dict_decl decls[] = {
		{ f, NF_DICT_INT64 }, { g, NF_DICT_INT64 }, { h, NF_DICT_INT },
	};
	const struct nf_dict_decl other[] = {
		{ g, NF_DICT_INT64 }, { f, NF_DICT_INT64 },
	};
	const struct nf_dict_table_params params = {
		.ndecls	= 3,
		.decls	= decls,
	};
	struct nf_dict_table *a, *b, *c;
	struct nf_dict_key key = int_key(1);
	struct nf_dict_load loads[] = {
		{ f, NF_DICT_HINT_NONE, { NF_DICT_INT64, 8 } },
		{ g, NF_DICT_HINT_NONE, { NF_DICT_INT64, 8 } },
	};
	struct nf_dict_level level = { .field = f, .hint = NF_DICT_HINT_NONE };
	__be64 regs[2];
	unsigned int i;

	a = declared_table(test, "kunit-a", false, decls, 2);
	b = declared_table(test, "kunit-b", false, other, 2);
	level.table = a;
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, f, 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(a, key, g, 2));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, f, 3));
	KUNIT_EXPECT_EQ(test, 0, write_int(b, key, g, 4));

	for (i = 0; i < 4; i++) {
		struct nf_dict_value value = {};

		rcu_read_lock();
		KUNIT_EXPECT_TRUE(test, nf_dict_path_read(&level, 1, &key,
							  &value));
		KUNIT_EXPECT_TRUE(test,
				  nf_dict_path_load_fields(&level, 1, NULL,
							   &key, loads, 2,
							   (u32 *)regs));
		rcu_read_unlock();
		KUNIT_EXPECT_EQ(test, i % 2 ? 3 : 1, nf_dict_value_num(&value));
		KUNIT_EXPECT_EQ(test, i % 2 ? 3 : 1,
				(s64)(be64_to_cpu(regs[0]) ^ BIT_ULL(63)));
		KUNIT_EXPECT_EQ(test, i % 2 ? 4 : 2,
				(s64)(be64_to_cpu(regs[1]) ^ BIT_ULL(63)));
		KUNIT_EXPECT_EQ(test, 0, swap_tables(a, b));
	}

	/* One more field in a transaction, and a swap before its commit. */
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_delete(b));
	c = nf_dict_ruleset_declare(TEST_NET, "kunit-c", 7,
				    &(const struct nf_dict_table_params){
					.ndecls = 2, .decls = decls },
				    NF_DICT_RULESET_NONE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, c);
	nf_dict_ruleset_commit(c);
	KUNIT_EXPECT_EQ(test, 0, swap_tables(a, c));
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_PTR_EQ(test, c,
				    nf_dict_ruleset_declare(TEST_NET, "kunit-c",
							    7, &params,
							    NF_DICT_RULESET_SELF));
		KUNIT_EXPECT_EQ(test, 0, swap_tables(a, c));
		if (!i) {
			nf_dict_ruleset_abort(c);
			KUNIT_EXPECT_EQ(test, -EINVAL, write_int(c, key, h, 1));
			continue;
		}
		nf_dict_ruleset_commit(c);
		nf_dict_ruleset_remove(c);
	}
	KUNIT_EXPECT_EQ(test, 1, read_int(c, key, f));
	KUNIT_EXPECT_EQ(test, 0, write_value(c, key, h,
					     int_value(NF_DICT_INT, 9), 0, 0));
	KUNIT_EXPECT_EQ(test, 9, read_int(c, key, h));
	KUNIT_EXPECT_EQ(test, 2, read_int(c, key, g));
	nf_dict_ruleset_remove(c);
}

/* Strings count once for each row that refers to them. */
static void row_bytes_of_strings(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	struct nf_dict_key key = int_key(1), other = int_key(2);
	char text[101] = {};
	s64 one, two;

	memset(text, 'x', 100);
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, f, 1));
	one = rows_bytes(table);

	/* In place and not, to a string and back. */
	KUNIT_EXPECT_EQ(test, 0, write_string(test, table, key, f, text));
	two = rows_bytes(table);
	KUNIT_EXPECT_GE(test, two, one + 100);
	KUNIT_EXPECT_EQ(test, 0, write_string(test, table, key, f, "short"));
	KUNIT_EXPECT_LT(test, rows_bytes(table), two);
	KUNIT_EXPECT_GT(test, rows_bytes(table), one);
	KUNIT_EXPECT_EQ(test, 0, write_string(test, table, key, f, text));
	KUNIT_EXPECT_EQ(test, two, rows_bytes(table));
	KUNIT_EXPECT_EQ(test, 0, write_int(table, key, f, 1));
	KUNIT_EXPECT_EQ(test, one, rows_bytes(table));

	/* A shared one counts twice. */
	KUNIT_EXPECT_EQ(test, 0, write_string(test, table, key, f, text));
	KUNIT_EXPECT_EQ(test, 0, write_string(test, table, other, f, text));
	KUNIT_EXPECT_EQ(test, 2 * two, rows_bytes(table));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(table, &other));
	KUNIT_EXPECT_EQ(test, two, rows_bytes(table));

	/* With other fields, deleted, replaced as a whole. */
	KUNIT_EXPECT_EQ(test, 0, write_string(test, table, key, g, text));
	KUNIT_EXPECT_GE(test, rows_bytes(table), two + 100);
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete_fields(table, &key, &g, 1));
	KUNIT_EXPECT_EQ(test, two, rows_bytes(table));
	KUNIT_EXPECT_EQ(test, 0,
			write_value(table, key, f, int_value(NF_DICT_INT64, 1),
				    NF_DICT_W_REPLACE, 0));
	KUNIT_EXPECT_EQ(test, one, rows_bytes(table));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(table, &key));
	KUNIT_EXPECT_EQ(test, 0, rows_bytes(table));
}

/* Paths */

static void path_levels(struct kunit *test)
{
	struct nf_dict_table *table[NF_DICT_LEVELS_MAX];
	struct nf_dict_level levels[NF_DICT_LEVELS_MAX];
	struct nf_dict_atom *next = test_field(test, "next");
	struct nf_dict_value value, room;
	struct nf_dict_key key, first;
	char name[8];
	unsigned int i;
	bool found;

	for (i = 0; i < NF_DICT_LEVELS_MAX; i++) {
		snprintf(name, sizeof(name), "kunit%u", i);
		table[i] = test_table(test, name);
		levels[i] = level_of(table[i], next, i % 2 ? NF_DICT_INT64 :
				     NF_DICT_LONG_STRING);
	}
	/* 1 -> "a" -> 2 -> "b" -> 3 */
	write_string(test, table[0], int_key(1), next, "a");
	write_int(table[1], string_key("a"), next, 2);
	write_string(test, table[2], int_key(2), next, "b");
	write_int(table[3], string_key("b"), next, 3);

	first = int_key(1);
	rcu_read_lock();
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_TRUE(test, nf_dict_path_read(levels, 4, &first,
							  &value));
		KUNIT_EXPECT_EQ(test, 3, nf_dict_value_num(&value));
	}
	KUNIT_EXPECT_TRUE(test, nf_dict_path_read(levels, 2, &first, &value));
	KUNIT_EXPECT_EQ(test, 2, nf_dict_value_num(&value));

	key = first;
	KUNIT_EXPECT_TRUE(test, nf_dict_path_key(levels, 4, &key, &room));
	KUNIT_EXPECT_EQ(test, NF_DICT_KEY_STRING, key.type);
	KUNIT_EXPECT_EQ(test, 0, memcmp(key.data, "b", 1));
	key = first;
	KUNIT_EXPECT_TRUE(test, nf_dict_path_key(levels, 1, &key, &room));
	KUNIT_EXPECT_EQ(test, 1, key.num);

	/* A plain integer matches both sizes, and no other type. */
	levels[3].type = NF_DICT_NUMBER;
	KUNIT_EXPECT_TRUE(test, nf_dict_path_read(levels, 4, &first, &value));
	levels[3].type = NF_DICT_UNSPEC;
	KUNIT_EXPECT_TRUE(test, nf_dict_path_read(levels, 4, &first, &value));
	levels[3].type = NF_DICT_INT;
	KUNIT_EXPECT_FALSE(test, nf_dict_path_read(levels, 4, &first, &value));
	levels[3].type = NF_DICT_INT64;
	levels[1].type = NF_DICT_INT;
	found = nf_dict_path_read(levels, 4, &first, &value);
	KUNIT_EXPECT_FALSE(test, found);
	levels[1].type = NF_DICT_INT64;
	rcu_read_unlock();

	/* A negative number is no key; a missing step ends the lookup. */
	write_int(table[1], string_key("a"), next, -2);
	rcu_read_lock();
	KUNIT_EXPECT_FALSE(test, nf_dict_path_read(levels, 4, &first, &value));
	rcu_read_unlock();
	write_int(table[1], string_key("a"), next, 7);
	rcu_read_lock();
	KUNIT_EXPECT_FALSE(test, nf_dict_path_read(levels, 4, &first, &value));
	key = first;
	KUNIT_EXPECT_FALSE(test, nf_dict_path_key(levels, 4, &key, &room));
	rcu_read_unlock();
}

/* A string longer than a key finds no row, whatever its beginning. */
static void path_long_string(struct kunit *test)
{
	struct nf_dict_table *first = test_table(test, "kunit0");
	struct nf_dict_table *second = test_table(test, "kunit1");
	struct nf_dict_atom *field = test_field(test, "next");
	struct nf_dict_level levels[] = {
		{ first, field, NF_DICT_HINT_NONE, NF_DICT_LONG_STRING },
		{ second, field, NF_DICT_HINT_NONE, NF_DICT_INT64 },
	};
	struct nf_dict_key key = int_key(1);
	struct nf_dict_value value;
	char s[296 + 1];
	unsigned int i;

	memset(s, 's', sizeof(s));
	/* What is left of 296 in eight bits. */
	write_int(second, bytes_key(NF_DICT_KEY_STRING, s, 40), field, 2);

	/* In 64 buckets, some meet the row. */
	for (i = 0; i < 1000; i++) {
		snprintf(s + sizeof(s) - 8, 8, "%07u", i);
		value = string_value(test, s);
		write_value(first, key, field, value, NF_DICT_W_CREATE, 0);
		nf_dict_value_put(&value);
		rcu_read_lock();
		KUNIT_EXPECT_FALSE(test, nf_dict_path_read(levels, 2, &key,
							   &value));
		rcu_read_unlock();
	}
}

/* Domains */

#define LABEL	"a23456789012345678901234567890123456789012345678901234567890123"
#define LABEL61	"a234567890123456789012345678901234567890123456789012345678901"
#define ONES31	"1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1"
#define ONES32	"1." ONES31
/* As many labels as fit. */
#define ONES95	ONES32 "." ONES32 "." ONES31
#define ONES127	ONES32 "." ONES95
#define LONGEST	LABEL "." LABEL "." LABEL "." LABEL61

static void domain_checks(struct kunit *test)
{
	static const struct {
		const char	*name;
		unsigned int	at;	/* what is wrong, 0: nothing */
	} cases[] = {
		{ "a" }, { ".a" }, { "example.com" }, { ".example.com" },
		{ "EXAMPLE.Com" }, { "xn--bcher-kva.example" }, { "_dmarc.a-b" },
		{ LABEL "." LABEL }, { LABEL "4", 64 }, { "a." LABEL "4", 66 },
		{ "." LABEL "4.a", 65 }, { LONGEST }, { "." LONGEST },
		{ LONGEST "2", 254 }, { "." LONGEST "2", 255 },
		{ ONES127 }, { "." ONES127 },
		{ "1." ONES127, 254 }, { ".1." ONES127, 255 },
		{ "", 0 }, { ".", 1 }, { "..", 2 }, { "..a", 2 },
		{ "a.", 2 }, { "a..b", 3 }, { ".a..b", 4 }, { ".a.", 3 },
		{ "*", 1 }, { "*.example.com", 1 }, { ".*.com", 2 },
		{ "a*.com", 2 }, { "sm\xc3\xb8r.example", 3 },
		{ "a b", 2 }, { "a\tb", 2 }, { "a,b", 2 }, { "a\x7f", 2 },
	};
	unsigned int i, at;
	const char *flaw;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		flaw = nf_dict_domain_check(cases[i].name,
					    strlen(cases[i].name), &at);
		if (!*cases[i].name) {
			KUNIT_EXPECT_NOT_NULL(test, flaw);
			continue;
		}
		KUNIT_EXPECT_EQ_MSG(test, !!cases[i].at, !!flaw, "%s",
				    cases[i].name);
		if (flaw)
			KUNIT_EXPECT_EQ_MSG(test, cases[i].at, at, "%s",
					    cases[i].name);
	}
}

/* Names that rows have in another table, which leads to a table of domains. */
struct domain_test {
	struct nf_dict_table	*domains;
	struct nf_dict_table	*names;
	struct nf_dict_atom	*name;
	struct nf_dict_atom	*field;
	struct nf_dict_level	levels[2];
};

static struct domain_test domain_test(struct kunit *test)
{
	struct domain_test t = {
		.domains = test_table_of(test, "kunit-domains",
					 &(struct nf_dict_table_params){
					 .key_class = NF_DICT_KEY_DOMAIN }),
		.names	= test_table(test, "kunit-names"),
		.name	= test_field(test, "name"),
		.field	= test_field(test, "f"),
	};

	t.levels[0] = level_of(t.names, t.name, NF_DICT_LONG_STRING);
	t.levels[1] = level_of(t.domains, t.field, NF_DICT_INT64);

	return t;
}

/* The number that the name @i leads to, or -1. */
static s64 domain_by_name(struct domain_test *t, unsigned int i)
{
	return path_int(t->levels, 2, int_key(i));
}

/* The number that @name leads to, as it does from registers, or -1. */
static s64 domain_by_key(struct domain_test *t, const char *name)
{
	return path_int(&t->levels[1], 1, string_key(name));
}

/* By both, and more than once, so that it is remembered. */
static void expect_domain(struct kunit *test, struct domain_test *t,
			  const char *name, s64 want)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, write_string(test, t->names, int_key(0),
					      t->name, name));
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ_MSG(test, want, domain_by_name(t, 0), "%s",
				    name);
		KUNIT_EXPECT_EQ_MSG(test, want, domain_by_key(t, name), "%s",
				    name);
	}
}

static void domain_lookups(struct kunit *test)
{
	static const char * const keys[] = {
		"example.com", ".example.com", ".com", "a.b.example.com",
		".b.example.com", "net", ".x.y", ".xn--p1ai", LONGEST,
		"." LABEL61, "." ONES95, ".1", ONES127,
	};
	static const struct {
		const char	*name;
		int		key;
	} cases[] = {
		{ "example.com", 0 }, { "www.example.com", 1 },
		{ "b.example.com", 1 }, { "a.b.example.com", 3 },
		{ "c.b.example.com", 4 }, { "a.a.b.example.com", 4 },
		{ "xexample.com", 2 }, { "example.com.com", 2 }, { "com", -1 },
		{ "net", 5 }, { "a.net", -1 }, { "x.y", -1 }, { "z.x.y", 6 },
		{ "xx.y", -1 }, { "y", -1 }, { "a.xn--p1ai", 7 },
		{ "WWW.EXAMPLE.COM", 1 }, { "Example.Com", 0 },
		{ "www.eXample.com", 1 }, { "WWW.example.com", 1 },
		{ "z.x.Y", 6 }, { LONGEST, 8 }, { "a." LONGEST, -1 },
		{ "a." LABEL "." LABEL61, 9 }, { "a" LABEL "." LABEL61, -1 },
		{ "1." ONES95, 10 }, { "2.1." ONES95, 10 }, { ONES95, 11 },
		{ ONES127, 12 }, { "1." ONES127, -1 }, { "2.1", 11 },
		/* These are not domains. */
		{ ".example.com", -1 }, { "a..example.com", -1 },
		{ "example.com.", -1 }, { ".", -1 }, { "..com", -1 },
	};
	struct domain_test t = domain_test(test);
	unsigned int i;

	expect_domain(test, &t, "example.com", -1);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		KUNIT_ASSERT_EQ_MSG(test, 0, write_int(t.domains,
						       string_key(keys[i]),
						       t.field, i),
				    "%s", keys[i]);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		expect_domain(test, &t, cases[i].name, cases[i].key);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		KUNIT_EXPECT_EQ(test, i, read_int(t.domains,
						  string_key(keys[i]),
						  t.field));
	expect_domain(test, &t, "", -1);
}

/* Every request ignores case; what is not a domain is refused. */
static void domain_writes(struct kunit *test)
{
	struct domain_test t = domain_test(test);
	struct nf_dict_key key = string_key("WWW.Example.COM"), found;
	const struct nf_dict_row *row;
	static const char * const bad[] = { "a..b", "*.a", "a.", LABEL "4" };
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, write_int(t.domains, key, t.field, 1));
	KUNIT_EXPECT_EQ(test, 0, write_int(t.domains,
					   string_key("www.example.com"),
					   t.field, 2));
	KUNIT_EXPECT_EQ(test, 1, table_stats(t.domains).rows);
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_add(t.domains, &key, t.field,
						 NF_DICT_INT64, 3, false));
	rcu_read_lock();
	row = nf_dict_row_lookup(t.domains, &key);
	if (row) {
		nf_dict_row_key(row, &found);
		KUNIT_EXPECT_EQ(test, key.len, found.len);
		KUNIT_EXPECT_EQ(test, 0, memcmp(found.data, "www.example.com",
						found.len));
	}
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, 5, read_int(t.domains, key, t.field));
	KUNIT_EXPECT_EQ(test, 0, write_int(t.domains, key, t.name, 2));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete_fields(t.domains, &key,
							   &t.name, 1));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(t.domains, &key));
	KUNIT_EXPECT_EQ(test, -ENOENT, nf_dict_row_delete(t.domains, &key));

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		key = string_key(bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    write_int(t.domains, key, t.field, 1),
				    "%s", bad[i]);
		KUNIT_EXPECT_EQ(test, -ENOENT,
				nf_dict_row_delete(t.domains, &key));
		KUNIT_EXPECT_EQ(test, -ENOENT,
				nf_dict_row_add(t.domains, &key, t.field,
						NF_DICT_INT64, 1, false));
		KUNIT_EXPECT_FALSE(test, row_exists(t.domains, key));
	}
	KUNIT_EXPECT_EQ(test, -EINVAL, write_int(t.domains, int_key(1),
						 t.field, 1));

	/* Packets create exact names only, no suffixes. */
	KUNIT_EXPECT_EQ(test, 0,
			write_value(t.domains, string_key("a.b"), t.field,
				    int_value(NF_DICT_INT64, 1),
				    NF_DICT_W_CREATE | NF_DICT_W_PACKET, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			write_value(t.domains, string_key(".a.b"), t.field,
				    int_value(NF_DICT_INT64, 1),
				    NF_DICT_W_CREATE | NF_DICT_W_PACKET, 0));
	KUNIT_EXPECT_EQ(test, 1, table_stats(t.domains).rows);

	/* In any other table, case is not ignored. */
	KUNIT_EXPECT_EQ(test, 0, write_int(t.names, string_key("A"), t.field,
					   1));
	KUNIT_EXPECT_FALSE(test, row_exists(t.names, string_key("a")));
	KUNIT_EXPECT_EQ(test, 0, write_int(t.names, string_key("a..*"),
					   t.field, 1));
}

/* A remembered row is not used once a longer match exists or it is deleted. */
static void domain_changes(struct kunit *test)
{
	struct domain_test t = domain_test(test);
	struct nf_dict_key key = string_key(".b.c");

	KUNIT_ASSERT_EQ(test, 0, write_string(test, t.names, int_key(0),
					      t.name, "a.b.c"));
	KUNIT_EXPECT_EQ(test, -1, domain_by_name(&t, 0));
	write_int(t.domains, string_key(".c"), t.field, 1);
	KUNIT_EXPECT_EQ(test, 1, domain_by_name(&t, 0));
	write_int(t.domains, key, t.field, 2);
	KUNIT_EXPECT_EQ(test, 2, domain_by_name(&t, 0));
	write_int(t.domains, string_key("a.b.c"), t.field, 3);
	KUNIT_EXPECT_EQ(test, 3, domain_by_name(&t, 0));
	write_int(t.domains, string_key("a.b.c"), t.field, 4);
	KUNIT_EXPECT_EQ(test, 4, domain_by_name(&t, 0));
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(t.domains, &key));
	KUNIT_EXPECT_EQ(test, 4, domain_by_name(&t, 0));
	key = string_key("a.b.c");
	KUNIT_EXPECT_EQ(test, 0, nf_dict_row_delete(t.domains, &key));
	KUNIT_EXPECT_EQ(test, 1, domain_by_name(&t, 0));

	/* An expired row hides no other and may be written again. */
	KUNIT_EXPECT_EQ(test, 0,
			write_value(t.domains, key, t.field,
				    int_value(NF_DICT_INT64, 5),
				    NF_DICT_W_CREATE | NF_DICT_W_TIMEOUT, 20));
	KUNIT_EXPECT_EQ(test, 5, domain_by_name(&t, 0));
	msleep(50);
	KUNIT_EXPECT_EQ(test, 1, domain_by_name(&t, 0));
	KUNIT_EXPECT_EQ(test, 1, domain_by_key(&t, "a.b.c"));
	write_int(t.domains, key, t.field, 6);
	KUNIT_EXPECT_EQ(test, 6, domain_by_name(&t, 0));

	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(t.domains));
	KUNIT_EXPECT_EQ(test, -1, domain_by_name(&t, 0));
	write_int(t.domains, string_key(".c"), t.field, 7);
	KUNIT_EXPECT_EQ(test, 7, domain_by_name(&t, 0));
}

/*
 * The number of rows created has 20 bits where it is remembered. When they
 * begin anew, one comes again under which names were looked up and not found.
 */
static void domain_many_changes(struct kunit *test)
{
	struct domain_test t = domain_test(test);
	struct nf_dict_key key = string_key("x");
	char name[10][8];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(name); i++) {
		snprintf(name[i], sizeof(name[i]), "a.b%u", i);
		KUNIT_ASSERT_EQ(test, 0, write_string(test, t.names, int_key(i),
						      t.name, name[i]));
		KUNIT_EXPECT_EQ(test, -1, domain_by_name(&t, i));
	}
	rcu_read_lock();
	nf_dict_domain_age(rcu_dereference(t.domains->rows),
			   ARRAY_SIZE(name) + 2);
	rcu_read_unlock();
	for (i = 0; i < ARRAY_SIZE(name); i++)
		write_int(t.domains, string_key(name[i]), t.field, i);

	/* Each name for the first time, at all numbers around the wrap. */
	for (i = 0; i < ARRAY_SIZE(name); i++) {
		KUNIT_EXPECT_EQ_MSG(test, i, domain_by_name(&t, i), "%s",
				    name[i]);
		write_int(t.domains, key, t.field, 1);
		KUNIT_ASSERT_EQ(test, 0, nf_dict_row_delete(t.domains, &key));
	}
}

/* A name of up to five labels out of few, which may be a suffix. */
static void random_domain(char *name, bool suffix, bool upper)
{
	static const char * const labels[] = { "a", "b", "ab", "a-b", "com" };
	unsigned int n = 1 + get_random_u32_below(5);
	char *p = name;

	while (n--) {
		if (p > name || suffix)
			*p++ = '.';
		p += sprintf(p, "%s",
			     labels[get_random_u32_below(ARRAY_SIZE(labels))]);
	}
	for (p = name; *p && upper; p++)
		if (get_random_u32_below(2))
			*p = toupper(*p);
}

#define DOMAIN_KEYS	300
#define DOMAIN_NAMES	100

struct domain_model {
	char	keys[DOMAIN_KEYS][24];
	s64	num[DOMAIN_KEYS];	/* -1: not there */
	char	names[DOMAIN_NAMES][24];
};

/* The reference: of all keys, the longest that the name ends with. */
static s64 domain_model_find(const struct domain_model *m, const char *name)
{
	size_t len = strlen(name), n, best = 0;
	unsigned int i;
	s64 num = -1;

	for (i = 0; i < DOMAIN_KEYS; i++) {
		n = strlen(m->keys[i]);
		if (m->num[i] < 0 || n > len || n < best)
			continue;
		if (m->keys[i][0] != '.' && n != len)
			continue;
		if (m->keys[i][0] == '.' && n == len)
			continue;
		if (!strcasecmp(name + len - n, m->keys[i])) {
			best = n;
			num = m->num[i];
		}
	}

	return num;
}

static void domain_model_change(struct kunit *test, struct domain_test *t,
				struct domain_model *m, unsigned int round)
{
	unsigned int i = get_random_u32_below(DOMAIN_KEYS), j;
	struct nf_dict_key key = string_key(m->keys[i]);
	s64 num = -1;

	if (get_random_u32_below(3)) {
		num = round;
		KUNIT_ASSERT_EQ(test, 0, write_int(t->domains, key, t->field,
						   num));
	} else {
		nf_dict_row_delete(t->domains, &key);
	}
	/* The same key may be there more than once. */
	for (j = 0; j < DOMAIN_KEYS; j++)
		if (!strcasecmp(m->keys[i], m->keys[j]))
			m->num[j] = num;
}

static void domain_random(struct kunit *test)
{
	struct domain_test t = domain_test(test);
	unsigned int i, j, found = 0, rounds = 0;
	struct domain_model *m;
	s64 want;

	m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m);
	for (i = 0; i < DOMAIN_KEYS; i++) {
		random_domain(m->keys[i], i % 2, i % 5 == 0);
		m->num[i] = -1;
	}
	for (i = 0; i < DOMAIN_NAMES; i++) {
		random_domain(m->names[i], false, i % 4 == 0);
		KUNIT_ASSERT_EQ(test, 0, write_string(test, t.names, int_key(i),
						      t.name, m->names[i]));
	}

	for (i = 0; i < 20000; i++) {
		if (!get_random_u32_below(8))
			domain_model_change(test, &t, m, i);
		if (i % 5000 == 4999) {
			KUNIT_ASSERT_EQ(test, 0,
					nf_dict_table_flush(t.domains));
			for (j = 0; j < DOMAIN_KEYS; j++)
				m->num[j] = -1;
		}
		j = get_random_u32_below(DOMAIN_NAMES);
		want = domain_model_find(m, m->names[j]);
		found += want >= 0;
		rounds++;
		KUNIT_EXPECT_EQ_MSG(test, want, domain_by_name(&t, j), "%s",
				    m->names[j]);
		if (i % 4 == 0)
			KUNIT_EXPECT_EQ_MSG(test, want,
					    domain_by_key(&t, m->names[j]),
					    "%s", m->names[j]);
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, found, rounds / 10);
	KUNIT_EXPECT_LT(test, found, rounds - rounds / 20);
}

/* Several fields of one row, each in its form, one after the other. */
static void path_fields(struct kunit *test)
{
	struct nf_dict_table *first = test_table(test, "kunit0");
	struct nf_dict_table *second = test_table(test, "kunit1");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_atom *g = test_field(test, "g");
	struct nf_dict_atom *h = test_field(test, "h");
	struct nf_dict_level levels[] = {
		{ first, f, NF_DICT_HINT_NONE, NF_DICT_LONG_STRING },
		{ second, f, NF_DICT_HINT_NONE, NF_DICT_INT64 },
	};
	struct nf_dict_load loads[] = {
		{ f, NF_DICT_HINT_NONE, { NF_DICT_INT64, 8 } },
		{ g, NF_DICT_HINT_NONE, { NF_DICT_NUMBER, 2 } },
		{ h, NF_DICT_HINT_NONE, { NF_DICT_LONG_STRING, 6 } },
	};
	static const u8 want[] = {
		0x80, 0, 0, 0, 0, 0, 0, 1,  0x12, 0x34, 0, 0,
		'a', 'b', 'c', 0, 0, 0, 0, 0,
	};
	struct nf_dict_key key = string_key("k"), num = int_key(7);
	u32 regs[5];
	bool found;

	write_int(second, key, f, 1);
	rcu_read_lock();
	KUNIT_EXPECT_FALSE(test, nf_dict_path_load_fields(&levels[1], 1, NULL,
							  &key, loads, 3, regs));
	found = nf_dict_path_load_fields(&levels[1], 1, NULL, &key, loads, 1,
					 regs);
	KUNIT_EXPECT_TRUE(test, found);
	rcu_read_unlock();
	write_int(second, key, g, 0x1234);
	write_string(test, second, key, h, "abc");
	write_string(test, first, num, f, "k");

	/* With hints that are not known, and that are. */
	rcu_read_lock();
	memset(regs, 0xff, sizeof(regs));
	KUNIT_EXPECT_TRUE(test, nf_dict_path_load_fields(&levels[1], 1, NULL,
							 &key, loads, 3, regs));
	KUNIT_EXPECT_MEMEQ(test, regs, want, sizeof(want));
	memset(regs, 0xff, sizeof(regs));
	KUNIT_EXPECT_TRUE(test, nf_dict_path_load_fields(levels, 2, NULL, &num,
							 loads, 3, regs));
	KUNIT_EXPECT_MEMEQ(test, regs, want, sizeof(want));
	rcu_read_unlock();

	/* A value that does not fit, has another type, or finds no row. */
	write_int(second, key, g, 0x12345);
	rcu_read_lock();
	KUNIT_EXPECT_FALSE(test, nf_dict_path_load_fields(levels, 2, NULL, &num,
							  loads, 3, regs));
	rcu_read_unlock();
	write_int(second, key, g, 1);
	write_int(second, key, h, 1);
	rcu_read_lock();
	KUNIT_EXPECT_FALSE(test, nf_dict_path_load_fields(levels, 2, NULL, &num,
							  loads, 3, regs));
	num.num = 8;
	KUNIT_EXPECT_FALSE(test, nf_dict_path_load_fields(levels, 2, NULL, &num,
							  loads, 1, regs));
	rcu_read_unlock();
}

/* Iterators */

static s64 row_int(const struct nf_dict_row *row, const struct nf_dict_atom *f)
{
	struct nf_dict_value value;

	return nf_dict_row_read(row, f, NULL, &value) ?
	       nf_dict_value_num(&value) : -1;
}

static unsigned int iter_all(struct kunit *test, struct nf_dict_table *table,
			     struct nf_dict_atom *field, unsigned int pause,
			     bool *inconsistent, u8 *seen, unsigned int max)
{
	const struct nf_dict_row *row;
	struct nf_dict_value value;
	struct nf_dict_iter iter;
	unsigned int n = 0;

	nf_dict_iter_init(&iter, table);
	nf_dict_iter_start(&iter);
	for (row = nf_dict_iter_peek(&iter); row;
	     row = nf_dict_iter_next(&iter)) {
		if (n && n % pause == 0) {
			nf_dict_iter_stop(&iter);
			cond_resched();
			nf_dict_iter_start(&iter);
			row = nf_dict_iter_peek(&iter);
		}
		if (nf_dict_row_read(row, field, NULL, &value) &&
		    nf_dict_value_num(&value) < max)
			seen[nf_dict_value_num(&value)]++;
		n++;
	}
	nf_dict_iter_stop(&iter);
	*inconsistent = iter.inconsistent;
	nf_dict_iter_exit(&iter);

	return n;
}

static void iter_restarts(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	unsigned int pauses[] = { 1, 7, 10000 };
	unsigned int i, j, n = 1000;
	bool inconsistent;
	u8 *seen;

	seen = kunit_kzalloc(test, n, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seen);

	KUNIT_EXPECT_EQ(test, 0, iter_all(test, table, f, 1, &inconsistent,
					  seen, n));
	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(test, 0, write_int(table, int_key(i), f, i));
	for (j = 0; j < ARRAY_SIZE(pauses); j++) {
		memset(seen, 0, n);
		KUNIT_EXPECT_EQ(test, n, iter_all(test, table, f, pauses[j],
						  &inconsistent, seen, n));
		KUNIT_EXPECT_FALSE(test, inconsistent);
		for (i = 0; i < n; i++)
			KUNIT_EXPECT_EQ_MSG(test, 1, seen[i], "row %u", i);
	}
}

#define ITER_ROWS	100

/**
 * struct iter_churn - what happens to a table while a walk pauses
 * @table: the table
 * @f: the field that tells a row's number
 * @grown: there are more rows than at the beginning
 * @changes: pauses so far
 */
struct iter_churn {
	struct nf_dict_table	*table;
	struct nf_dict_atom	*f;
	bool			grown;
	unsigned int		changes;
};

/* Has the hash table grow, or shrink, by itself or, sometimes, to the end. */
static void iter_churn(struct kunit *test, struct iter_churn *c)
{
	unsigned int i, n = ITER_ROWS << (c->changes % 3 + 2);
	struct nf_dict_rows *rows;
	struct nf_dict_key key;

	for (i = ITER_ROWS; i < ITER_ROWS << 4; i++) {
		key = int_key(i);
		if (c->grown)
			nf_dict_row_delete(c->table, &key);
		else if (i < n)
			KUNIT_ASSERT_EQ(test, 0, write_int(c->table, key, c->f,
							   i));
	}
	c->grown = !c->grown;
	rows = rcu_dereference_protected(c->table->rows, true);
	if (c->changes++ % 4)
		flush_work(&rows->ht.run_work);
}

/*
 * The rows that are there throughout are returned once each, others at most
 * once, however often the hash table is resized meanwhile, with the walk's last
 * row returned for good or not.
 */
static void iter_resizes(struct kunit *test)
{
	struct iter_churn c = {
		.table	= test_table(test, "kunit-a"),
		.f	= test_field(test, "f"),
	};
	const struct nf_dict_row *row;
	struct nf_dict_iter iter;
	unsigned int i, j, pause;
	u8 *seen;

	seen = kunit_kmalloc(test, ITER_ROWS << 4, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seen);
	for (i = 0; i < ITER_ROWS; i++)
		KUNIT_ASSERT_EQ(test, 0, write_int(c.table, int_key(i), c.f,
						   i));

	for (j = 0; j < 20; j += ROUND_STEP) {
		memset(seen, 0, ITER_ROWS << 4);
		pause = 20 + j * 7;
		nf_dict_iter_init(&iter, c.table);
		nf_dict_iter_start(&iter);
		row = nf_dict_iter_next(&iter);
		for (i = 1; row; i++) {
			bool again = false;

			if (i % pause == 0) {
				again = i & 1;
				if (!again)
					seen[row_int(row, c.f)]++;
				nf_dict_iter_stop(&iter);
				iter_churn(test, &c);
				nf_dict_iter_start(&iter);
			} else {
				seen[row_int(row, c.f)]++;
			}
			row = again ? nf_dict_iter_peek(&iter) :
				      nf_dict_iter_next(&iter);
		}
		KUNIT_EXPECT_FALSE(test, iter.inconsistent);
		nf_dict_iter_stop(&iter);
		nf_dict_iter_exit(&iter);
		for (i = 0; i < ITER_ROWS; i++)
			KUNIT_EXPECT_EQ_MSG(test, 1, seen[i], "row %u", i);
		for (; i < ITER_ROWS << 4; i++)
			KUNIT_EXPECT_LE_MSG(test, seen[i], 1, "row %u", i);
	}
	KUNIT_EXPECT_GT(test, c.changes, 20 / ROUND_STEP);
}

/* The row at which a walk stopped is deleted, and others are created. */
static void iter_row_goes(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	const struct nf_dict_row *row;
	struct nf_dict_iter iter;
	struct nf_dict_key key;
	unsigned int i, n = 40;
	u8 seen[80] = {};
	s64 num;

	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(test, 0, write_int(table, int_key(i), f, i));

	nf_dict_iter_init(&iter, table);
	nf_dict_iter_start(&iter);
	row = nf_dict_iter_next(&iter);
	while (row) {
		num = row_int(row, f);
		seen[num]++;
		nf_dict_iter_stop(&iter);
		if (num < n) {
			key = int_key(num);
			KUNIT_EXPECT_EQ(test, 0,
					nf_dict_row_delete(table, &key));
			KUNIT_EXPECT_EQ(test, 0, write_int(table,
							   int_key(n + num), f,
							   n + num));
		}
		nf_dict_iter_start(&iter);
		row = nf_dict_iter_next(&iter);
	}
	KUNIT_EXPECT_FALSE(test, iter.inconsistent);
	nf_dict_iter_stop(&iter);
	nf_dict_iter_exit(&iter);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ_MSG(test, 1, seen[i], "row %u", i);
	for (; i < ARRAY_SIZE(seen); i++)
		KUNIT_EXPECT_LE_MSG(test, seen[i], 1, "row %u", i);
}

static void iter_tells_inconsistency(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_iter iter;
	unsigned int i;

	for (i = 0; i < 20; i++)
		KUNIT_ASSERT_EQ(test, 0, write_int(table, int_key(i), f, i));

	/* Contents that are replaced can still be read to the end. */
	nf_dict_iter_init(&iter, table);
	nf_dict_iter_start(&iter);
	KUNIT_EXPECT_NOT_NULL(test, nf_dict_iter_next(&iter));
	nf_dict_iter_stop(&iter);
	KUNIT_EXPECT_EQ(test, 0, nf_dict_table_flush(table));
	nf_dict_iter_start(&iter);
	for (i = 1; nf_dict_iter_next(&iter); i++)
		;
	KUNIT_EXPECT_EQ(test, 20, i);
	KUNIT_EXPECT_TRUE(test, iter.inconsistent);
	nf_dict_iter_stop(&iter);
	nf_dict_iter_exit(&iter);
}

static void iter_skips_expired(struct kunit *test)
{
	struct nf_dict_table *table = test_table(test, "kunit-a");
	struct nf_dict_atom *f = test_field(test, "f");
	struct nf_dict_value one = int_value(NF_DICT_INT, 1);
	bool inconsistent;
	u8 seen[2] = {};

	KUNIT_EXPECT_EQ(test, 0, write_int(table, int_key(1), f, 0));
	KUNIT_EXPECT_EQ(test, 0, write_value(table, int_key(2), f, one,
					     NF_DICT_W_CREATE |
					     NF_DICT_W_TIMEOUT, 1));
	msleep(40);
	KUNIT_EXPECT_EQ(test, 1, iter_all(test, table, f, 100, &inconsistent,
					  seen, 2));
	KUNIT_EXPECT_EQ(test, 1, seen[0]);
}

/* Failing allocations */

#ifdef CONFIG_FAULT_INJECTION
/* Has the @n-th allocation from here on fail, and if @lasting all after it. */
static void fault_set(unsigned int n, bool lasting)
{
	current->make_it_fail = lasting;
	WRITE_ONCE(current->fail_nth, n);
}

static unsigned int fault_left(void)
{
	return READ_ONCE(current->fail_nth);
}
#else
static void fault_set(unsigned int n, bool lasting)
{
}

static unsigned int fault_left(void)
{
	return 0;
}
#endif

/**
 * struct fault - what the calls whose allocations fail work on
 * @table: has row 1, of field 0, a number, and field 1, a string
 * @other: another table, empty
 * @f: names of fields
 * @u: an update, if the call takes one
 * @fields: its fields
 * @made: the table that the call made
 * @atom: the name that the call interned
 * @value: the value that the call made
 * @patterns: a set of patterns
 * @pad: names, so that the next one's id takes one more level of the index
 * @npad: their number
 */
struct fault {
	struct nf_dict_table		*table;
	struct nf_dict_table		*other;
	struct nf_dict_atom		*f[3];
	struct nf_dict_update		u;
	struct nf_dict_field_value	fields[3];
	struct nf_dict_table		*made;
	struct nf_dict_atom		*atom;
	struct nf_dict_value		value;
	struct nf_dict_patterns		*patterns;
	struct nf_dict_atom		*pad[XA_CHUNK_SIZE];
	unsigned int			npad;
};

/* What a refused call must not change. */
struct fault_state {
	u64	rows;
	u64	bytes;
	u64	atoms;
	u64	ids;
	u64	refs[3];
	u64	update;
	u64	patterns;
	u64	nfields;
	s64	number;
	u64	string;
	u64	made;
};

static void fault_state_get(struct fault *c, struct fault_state *state)
{
	struct nf_dict_rows *rows = rcu_dereference_protected(c->table->rows,
							      true);
	struct nf_dict_ns *ns = c->table->ns;
	const struct nf_dict_row *row;
	struct nf_dict_key key = int_key(1);
	struct nf_dict_table *made;
	struct nf_dict_value value;
	struct nf_dict_atom *atom;
	unsigned long index;
	unsigned int i;

	memset(state, 0, sizeof(*state));
	/* Released names keep their ids for a grace period. */
	rcu_barrier();
	state->rows = atomic_read(&rows->count);
	state->bytes = rows_bytes(c->table);
	state->atoms = atomic_read(&ns->atoms.nelems);
	xa_for_each(&ns->field_ids, index, atom)
		state->ids++;
	for (i = 0; i < ARRAY_SIZE(c->f); i++)
		state->refs[i] = refcount_read(&c->f[i]->refs);
	state->update = c->u.nfields;
	if (c->patterns)
		state->patterns = nf_dict_patterns_count(c->patterns);

	rcu_read_lock();
	row = nf_dict_row_lookup(c->table, &key);
	if (row) {
		state->nfields = nf_dict_row_places(c->table, row);
		if (nf_dict_row_read(row, c->f[0], NULL, &value))
			state->number = nf_dict_value_num(&value);
		if (nf_dict_row_read(row, c->f[1], NULL, &value))
			state->string = value.bits;
	}
	rcu_read_unlock();

	made = nf_dict_table_find(TEST_NET, "kunit-fault", 11);
	if (!IS_ERR(made)) {
		state->made = 1;
		nf_dict_table_put(made);
	}
}

static void fault_update(struct fault *c, u32 flags, unsigned int nfields)
{
	unsigned int i;

	c->u.flags = flags;
	c->u.fields = c->fields;
	c->u.nfields = nfields;
	for (i = 0; i < nfields; i++) {
		c->fields[i].field = c->f[i];
		c->fields[i].value = int_value(NF_DICT_INT64, 40 + i);
	}
}

static int fault_write(struct fault *c, u64 num)
{
	struct nf_dict_key key = int_key(num);

	return nf_dict_row_write(c->table, &key, &c->u);
}

static int fault_table_create(struct fault *c)
{
	const struct nf_dict_table_params params = {
		.key_class	= NF_DICT_KEY_STRING,
	};

	c->made = table_create("kunit-fault", &params, true);

	return PTR_ERR_OR_ZERO(c->made);
}

static int fault_table_create_declared(struct fault *c)
{
	const struct nf_dict_decl decl = { c->f[0], NF_DICT_INT };
	const struct nf_dict_table_params params = {
		.ndecls	= 1,
		.decls	= &decl,
	};

	c->made = table_create("kunit-fault", &params, true);

	return PTR_ERR_OR_ZERO(c->made);
}

static void fault_table_create_undo(struct fault *c)
{
	nf_dict_table_delete(c->made);
	nf_dict_table_put(c->made);
}

static int fault_table_use(struct fault *c)
{
	c->made = nf_dict_table_use(TEST_NET, "kunit-fault", 11,
				    NF_DICT_KEY_INT);

	return PTR_ERR_OR_ZERO(c->made);
}

static void fault_table_use_undo(struct fault *c)
{
	nf_dict_table_use_abort(c->made, NF_DICT_KEY_INT);
}

static int fault_table_change(struct fault *c)
{
	return nf_dict_table_change(c->table, 0, 0);
}

static int fault_table_flush(struct fault *c)
{
	return nf_dict_table_flush(c->table);
}

static int fault_table_swap(struct fault *c)
{
	return swap_tables(c->table, c->other);
}

static void fault_table_swap_undo(struct fault *c)
{
	swap_tables(c->table, c->other);
}

static int fault_field_get(struct fault *c)
{
	c->atom = nf_dict_field_get(TEST_NET, "kunit-fault", 11, GFP_KERNEL);

	return PTR_ERR_OR_ZERO(c->atom);
}

static int fault_field_get_atomic(struct fault *c)
{
	c->atom = nf_dict_field_get(TEST_NET, "kunit-fault", 11, GFP_ATOMIC);

	return PTR_ERR_OR_ZERO(c->atom);
}

static void fault_field_get_undo(struct fault *c)
{
	nf_dict_field_put(c->atom);
}

static void fault_field_level_prepare(struct fault *c)
{
	struct nf_dict_atom *atom;
	char name[24];

	do {
		snprintf(name, sizeof(name), "kunit-pad%u", c->npad);
		atom = nf_dict_field_get(TEST_NET, name, strlen(name),
					 GFP_KERNEL);
		if (IS_ERR(atom))
			return;
		c->pad[c->npad++] = atom;
	} while (nf_dict_atom_id(atom) < XA_CHUNK_SIZE - 1 &&
		 c->npad < ARRAY_SIZE(c->pad));
}

static int fault_value_string(struct fault *c)
{
	return value_init(&c->value, NF_DICT_LONG_STRING, "kunit-fault", 11);
}

static int fault_value_ipv6(struct fault *c)
{
	return value_init(&c->value, NF_DICT_IPV6_ADDR, "kunit-fault-ipv6", 16);
}

static int fault_value_from_reg(struct fault *c)
{
	const struct nf_dict_reg form = {
		.type	= NF_DICT_LONG_STRING,
		.len	= 16,
	};
	u32 src[4] = {};

	memcpy(src, "kunit-fault", 11);

	return nf_dict_value_from_reg(TEST_NET, &c->value, NF_DICT_LONG_STRING,
				      &form, src);
}

static void fault_value_undo(struct fault *c)
{
	nf_dict_value_put(&c->value);
}

static void fault_row_new_prepare(struct fault *c)
{
	fault_update(c, NF_DICT_W_CREATE, 3);
}

static void fault_row_packet_prepare(struct fault *c)
{
	fault_update(c, NF_DICT_W_CREATE | NF_DICT_W_PACKET, 3);
}

static int fault_row_new(struct fault *c)
{
	return fault_write(c, 2);
}

static void fault_row_new_undo(struct fault *c)
{
	struct nf_dict_key key = int_key(2);

	nf_dict_row_delete(c->table, &key);
}

static void fault_row_replace_prepare(struct fault *c)
{
	fault_update(c, NF_DICT_W_REPLACE, 3);
}

static void fault_row_value_prepare(struct fault *c)
{
	fault_update(c, 0, 1);
}

static int fault_row_write(struct fault *c)
{
	return fault_write(c, 1);
}

static int fault_row_add(struct fault *c)
{
	struct nf_dict_key key = int_key(1);

	return nf_dict_row_add(c->table, &key, c->f[0], NF_DICT_INT64, 1, true);
}

static int fault_row_delete(struct fault *c)
{
	struct nf_dict_key key = int_key(1);

	return nf_dict_row_delete(c->table, &key);
}

static int fault_row_delete_fields(struct fault *c)
{
	struct nf_dict_key key = int_key(1);

	return nf_dict_row_delete_fields(c->table, &key, &c->f[1], 1);
}

static int fault_patterns_alloc(struct fault *c)
{
	struct nf_dict_patterns *patterns = string_patterns(4);

	if (IS_ERR(patterns))
		return PTR_ERR(patterns);
	nf_dict_patterns_free(patterns);

	return 0;
}

static void fault_patterns_prepare(struct fault *c)
{
	c->patterns = string_patterns(4);
	if (IS_ERR(c->patterns))
		c->patterns = NULL;
}

static int fault_patterns_add(struct fault *c)
{
	return nf_dict_patterns_add(c->patterns, "kunit-*", 7);
}

static void fault_patterns_second_prepare(struct fault *c)
{
	fault_patterns_prepare(c);
	nf_dict_patterns_add(c->patterns, "kunit-first", 11);
}

static int fault_patterns_add_exact(struct fault *c)
{
	return nf_dict_patterns_add(c->patterns, "kunit-second", 12);
}

static int fault_dump(struct fault *c)
{
	const struct nf_dict_row *row;
	struct nf_dict_iter iter;
	unsigned int n = 0;

	nf_dict_iter_init(&iter, c->table);
	nf_dict_iter_start(&iter);
	while ((row = nf_dict_iter_next(&iter)))
		n++;
	nf_dict_iter_stop(&iter);
	nf_dict_iter_exit(&iter);

	return n == 1 ? 0 : -ENOENT;
}

static int fault_path(struct fault *c)
{
	struct nf_dict_level level = level_of(c->table, c->f[0], NF_DICT_INT64);

	return path_int(&level, 1, int_key(1)) < 0 ? -ENOENT : 0;
}

static const struct fault_call {
	const char	*name;
	bool		allocates;
	void		(*prepare)(struct fault *c);
	int		(*run)(struct fault *c);
	void		(*undo)(struct fault *c);
} fault_calls[] = {
	{ "table_create", true, NULL,
	  fault_table_create, fault_table_create_undo },
	{ "table_create, declared", true, NULL,
	  fault_table_create_declared, fault_table_create_undo },
	{ "table_use", true, NULL,
	  fault_table_use, fault_table_use_undo },
	{ "table_change", false, NULL, fault_table_change, NULL },
	{ "table_flush", true, NULL, fault_table_flush, NULL },
	{ "table_swap", false, NULL,
	  fault_table_swap, fault_table_swap_undo },
	{ "field_get", true, NULL, fault_field_get, fault_field_get_undo },
	{ "field_get, atomic", true, NULL,
	  fault_field_get_atomic, fault_field_get_undo },
	{ "field_get, full index", true, fault_field_level_prepare,
	  fault_field_get, fault_field_get_undo },
	{ "field_get, full index, atomic", true, fault_field_level_prepare,
	  fault_field_get_atomic, fault_field_get_undo },
	{ "value_init, string", true, NULL,
	  fault_value_string, fault_value_undo },
	{ "value_init, IPv6", true, NULL, fault_value_ipv6, fault_value_undo },
	{ "value_from_reg", true, NULL,
	  fault_value_from_reg, fault_value_undo },
	{ "row_write, new", true, fault_row_new_prepare,
	  fault_row_new, fault_row_new_undo },
	{ "row_write, new, by a packet", true, fault_row_packet_prepare,
	  fault_row_new, fault_row_new_undo },
	{ "row_write, more fields", true, fault_row_new_prepare,
	  fault_row_write, NULL },
	{ "row_write, more fields, by a packet", true, fault_row_packet_prepare,
	  fault_row_write, NULL },
	{ "row_write, replace", true, fault_row_replace_prepare,
	  fault_row_write, NULL },
	{ "row_write, in place", false, fault_row_value_prepare,
	  fault_row_write, NULL },
	{ "row_add", false, NULL, fault_row_add, NULL },
	{ "row_delete", false, NULL, fault_row_delete, NULL },
	{ "row_delete_fields", true, NULL, fault_row_delete_fields, NULL },
	{ "patterns_alloc", true, NULL, fault_patterns_alloc, NULL },
	{ "patterns_add, wildcard", true, fault_patterns_prepare,
	  fault_patterns_add, NULL },
	{ "patterns_add, exact", true, fault_patterns_second_prepare,
	  fault_patterns_add_exact, NULL },
	{ "iter", false, NULL, fault_dump, NULL },
	{ "path", false, NULL, fault_path, NULL },
};

/* The tables as struct fault says, with nothing under way. */
static void fault_reset(struct kunit *test, struct fault *c)
{
	struct nf_dict_key key = int_key(1);
	unsigned int f, i;

	nf_dict_row_delete(c->table, &key);
	/* Rows and tables keep names until a worker frees them. */
	for (f = 0; f < ARRAY_SIZE(c->f); f++) {
		for (i = 0; i < 500 && refcount_read(&c->f[f]->refs) > 1; i++)
			msleep(20);
		KUNIT_ASSERT_EQ(test, 1, refcount_read(&c->f[f]->refs));
	}
	/* Unused names are counted until the end of a grace period. */
	rcu_barrier();
	KUNIT_ASSERT_EQ(test, 0, write_int(c->table, key, c->f[0], 7));
	KUNIT_ASSERT_EQ(test, 0, write_string(test, c->table, key, c->f[1],
					      "kunit-string"));
	c->u.nfields = 0;
	c->patterns = NULL;
}

/*
 * Has the call's first allocation fail, the second, and so on to the last; if
 * @lasting also those that it tries instead. Returns whether it did without one.
 */
static bool fault_call_test(struct kunit *test, struct fault *c,
			    const struct fault_call *call, bool lasting)
{
	struct fault_state before, after;
	unsigned int n, refused = 0;
	bool failed;
	int err;

	for (n = 1; n < 100; n++) {
		fault_reset(test, c);
		if (call->prepare)
			call->prepare(c);
		fault_state_get(c, &before);

		fault_set(n, lasting);
		err = call->run(c);
		failed = !fault_left();
		fault_set(0, false);

		if (err) {
			KUNIT_EXPECT_EQ_MSG(test, -ENOMEM, err,
					    "%s, allocation %u", call->name, n);
			fault_state_get(c, &after);
			KUNIT_EXPECT_MEMEQ_MSG(test, &before, &after,
					       sizeof(before),
					       "%s, allocation %u", call->name,
					       n);
			refused++;
		} else if (call->undo) {
			call->undo(c);
		}
		nf_dict_update_release(&c->u);
		nf_dict_patterns_free(c->patterns);
		c->patterns = NULL;
		while (c->npad)
			nf_dict_field_put(c->pad[--c->npad]);
		if (!failed)
			break;
	}
	KUNIT_EXPECT_EQ_MSG(test, 0, err, "%s", call->name);
	KUNIT_EXPECT_FALSE_MSG(test, failed, "%s", call->name);
	KUNIT_EXPECT_EQ_MSG(test, call->allocates, refused > 0, "%s",
			    call->name);
	kunit_info(test, "%s%s: %u allocations, refused %u times", call->name,
		   lasting ? ", for good" : "", n - 1, refused);

	return refused < n - 1;
}

static void no_memory(struct kunit *test)
{
	struct fault *c;
	refcount_t *refs;
	void *p[2] = {};
	unsigned int i;
	char name[8];

	fault_set(1, true);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = kmalloc(64, GFP_KERNEL | __GFP_NOWARN);
	fault_set(0, false);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		kfree(p[i]);
	if (p[0])
		kunit_skip(test, "CONFIG_FAILSLAB, or failslab/ignore-gfp-wait is Y");
	if (p[1])
		kunit_info(test, "only the first attempt fails: failslab/probability is not 100, or task-filter is N");

	c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c);
	c->table = test_table(test, "kunit-a");
	c->other = test_table(test, "kunit-b");
	for (i = 0; i < ARRAY_SIZE(c->f); i++) {
		snprintf(name, sizeof(name), "f%u", i);
		c->f[i] = test_field(test, name);
	}
	/* Contents of earlier tests' tables, being freed, still have names. */
	refs = &c->table->ns->refs;
	for (i = 0; i < 1500 && refcount_read(refs) > test_ns_refs + 4; i++)
		msleep(20);
	for (i = 0; i < ARRAY_SIZE(fault_calls); i++)
		if (fault_call_test(test, c, &fault_calls[i], false) && !p[1])
			fault_call_test(test, c, &fault_calls[i], true);
	nf_dict_table_flush(c->table);
}

/* Half a minute each on an emulated machine, and no news about memory or locks. */
static const struct kunit_attributes very_slow = {
	.speed = KUNIT_SPEED_VERY_SLOW,
};

static struct kunit_case nf_dict_test_cases[] = {
	KUNIT_CASE(name_limits),
	KUNIT_CASE(name_characters),
	KUNIT_CASE(field_interned),
	KUNIT_CASE(key_check),
	KUNIT_CASE(key_integer_one_form),
	KUNIT_CASE(key_string_ends_at_nul),
	KUNIT_CASE(key_from_value),
	KUNIT_CASE(value_wire_forms),
	KUNIT_CASE(value_string_limits),
	KUNIT_CASE(list_members),
	KUNIT_CASE(list_limits),
	KUNIT_CASE(list_patterns),
	KUNIT_CASE(list_patterns_long),
	KUNIT_CASE(list_patterns_random),
	KUNIT_CASE(list_patterns_work),
	KUNIT_CASE(list_changes),
	KUNIT_CASE(list_change_limits),
	KUNIT_CASE(reg_forms),
	KUNIT_CASE(reg_signed_order),
	KUNIT_CASE(reg_plain_integer),
	KUNIT_CASE(reg_to_field),
	KUNIT_CASE(reg_addresses),
	KUNIT_CASE_PARAM(pattern_match, pattern_gen_params),
	KUNIT_CASE(pattern_refused),
	KUNIT_CASE(pattern_set),
	KUNIT_CASE(pattern_long),
	KUNIT_CASE(pattern_random),
	KUNIT_CASE(table_names),
	KUNIT_CASE(table_create_and_change),
	KUNIT_CASE(table_order),
	KUNIT_CASE_SLOW(table_many),
	KUNIT_CASE(struct_lines),
	KUNIT_CASE(table_use_by_rules),
	KUNIT_CASE(table_use_pending),
	KUNIT_CASE(table_key_class),
	KUNIT_CASE(table_key_class_of_rules),
	KUNIT_CASE(conn_rows),
	KUNIT_CASE(conn_same_id),
	KUNIT_CASE(conn_table_delete),
	KUNIT_CASE(conn_table_of_rules),
	KUNIT_CASE(conn_leaves_flowtable),
	KUNIT_CASE(conn_slot),
	KUNIT_CASE(conn_packet),
	KUNIT_CASE(conn_offload_waits),
	KUNIT_CASE(conn_settles_beside_expedited),
	KUNIT_CASE_SLOW(conn_flow_ends),
	KUNIT_CASE(table_reaped),
	KUNIT_CASE(table_flush_and_swap),
	KUNIT_CASE(table_swap_pairs),
	KUNIT_CASE(decl_writes),
	KUNIT_CASE(decl_changes),
	KUNIT_CASE(decl_creates),
	KUNIT_CASE(table_drops),
	KUNIT_CASE(row_key_classes),
	KUNIT_CASE_ATTR(row_hash_spreads, very_slow),
	KUNIT_CASE_ATTR(row_hash_spreads_names, very_slow),
	KUNIT_CASE_ATTR(row_hash_new_seed, very_slow),
	KUNIT_CASE(atom_hash_is_the_namespaces),
	KUNIT_CASE(atom_errors),
	KUNIT_CASE(row_hash_collision),
	KUNIT_CASE(row_write_flags),
	KUNIT_CASE(row_write_number),
	KUNIT_CASE(row_write_sums),
	KUNIT_CASE(row_sums_keep_lifetime),
	KUNIT_CASE(row_delete_type),
	KUNIT_CASE(row_write_many),
	KUNIT_CASE(row_most_fields),
	KUNIT_CASE(row_change_type),
	KUNIT_CASE(row_references),
	KUNIT_CASE(row_delete),
	KUNIT_CASE(row_full_table),
	KUNIT_CASE(row_arithmetic),
	KUNIT_CASE(row_hint),
	KUNIT_CASE_SLOW(row_timeouts),
	KUNIT_CASE_SLOW(row_full_of_expired),
	KUNIT_CASE_SLOW(gc_not_by_packets),
	KUNIT_CASE_SLOW(gc_ends),
	KUNIT_CASE(row_bytes),
	KUNIT_CASE(row_bytes_of_strings),
	KUNIT_CASE_SLOW(pack_grows),
	KUNIT_CASE_SLOW(pack_changes),
	KUNIT_CASE(pack_bytes),
	KUNIT_CASE(pack_names),
	KUNIT_CASE(pack_swaps),
	KUNIT_CASE(path_levels),
	KUNIT_CASE(path_long_string),
	KUNIT_CASE(domain_checks),
	KUNIT_CASE(domain_lookups),
	KUNIT_CASE(domain_writes),
	KUNIT_CASE(domain_changes),
	KUNIT_CASE(domain_many_changes),
	KUNIT_CASE(domain_random),
	KUNIT_CASE(path_fields),
	KUNIT_CASE(iter_restarts),
	KUNIT_CASE_SLOW(iter_resizes),
	KUNIT_CASE(iter_row_goes),
	KUNIT_CASE(iter_tells_inconsistency),
	KUNIT_CASE(iter_skips_expired),
	KUNIT_CASE_SLOW(no_memory),
	/* Last, as freeing its rows takes time. */
	KUNIT_CASE_ATTR(row_packets_are_bounded, very_slow),
	{}
};

static int test_suite_init(struct kunit_suite *suite)
{
	const struct nf_dict_table_params any = {};
	struct nf_dict_table *table;

	table = table_create("kunit-a", &any, true);
	if (IS_ERR(table))
		return PTR_ERR(table);
	/* Without those of the table and its contents. */
	test_ns_refs = refcount_read(&table->ns->refs) - 2;
	test_table_delete(table);

	return 0;
}

static struct kunit_suite nf_dict_test_suite = {
	.name		= "nf_dict",
	.suite_init	= test_suite_init,
	.test_cases	= nf_dict_test_cases,
};

kunit_test_suite(nf_dict_test_suite);

MODULE_DESCRIPTION("KUnit tests of nf_dict");
MODULE_LICENSE("GPL");
/* MODULE_IMPORT_NS() takes a string, and in older kernels must not. */
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
