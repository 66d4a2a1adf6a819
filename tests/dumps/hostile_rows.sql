-- Rows that are hard to tell from what stands around them in a dump.
create table one_column (t text);
insert into one_column values (''), (null), ('\.'), ('\N'), (E'\\.\n'), (E'\n\\.\n'), ('\\.'), ('--'), (';'),
    ('copy t from stdin;'), (E'\r'), (E'\r\n'), (E'\\.\r\n'), (E'a\rb'), (' '), (E'\t'), ('\'), ('''');
create table odd_columns ("a;b" text, "--" text, "/*" int, """" bytea, "from stdin;" timestamptz);
insert into odd_columns values
    (E'tab\there', E'back\\slash', 1, '\x00ff0a5c2e0a', '2024-02-29 12:00:00.000001+02'),
    ('', null, null, '', 'infinity'),
    ('\.', '\N', -1, '\x5c4e', '0044-03-15 00:00 BC');
-- All control characters but NUL, DEL and the C1 ones, each alone and between others.
create table bytes as
    select i, chr(i) as alone, 'x' || chr(i) || E'\\' || chr(i) || '''' || chr(i) as between
    from generate_series(1, 300) i;
-- Every length of UTF-8, and characters that look like ASCII ones or turn the text around.
create table characters as
    select i, chr(i) || ';' || chr(i) as c
    from unnest(array[127, 128, 2047, 2048, 55295, 57344, 65279, 65533, 65535, 65536, 129418, 1114111,
                      8238, 8203, 894, 65307, 8217, 92 + 65248]) i;
-- Longer than any chunk, buffer or batch, with what would end a statement all over it.
create table long_rows as
    select i, repeat(E'\\.\n;''$$\t--/*', 20000 * i) as t, repeat('x', 400000) as x from generate_series(1, 2) i;
create table many_rows as
    select i, md5(i::text) || E'\\' || chr(1 + i % 126) as t, null::int as n, i % 3 = 0 as even, i / 7.0 as f
    from generate_series(1, 3000) i;
create table kinds as
    select 'NaN'::float8 as nan, '-infinity'::float4 as low, '{"a\n\\": ";"}'::json as j,
           '{"a\n\\": [null, "\""]}'::jsonb as jb, '<a b="c;">\.</a>'::xml as x, array[['a"b', '\'], [null, ';']] as aa,
           '(1,2)'::point as p, '10.0.0.0/8'::cidr as net, '1 year -2 days'::interval as i, B'101' as bits,
           row(1, ';', null, '"\')::text as r, '[1,5)'::int4range as range, 'a''b & c:*'::tsquery as q;
