-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.bail on
.headers on
.mode column
PRAGMA journal_mode = WAL;
CREATE TABLE city(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, country TEXT, people INTEGER CHECK (people > 0));
CREATE TABLE road(source INTEGER REFERENCES city, target INTEGER REFERENCES city, km REAL);
CREATE INDEX road_by_source ON road(source, km);
INSERT INTO city VALUES (1, 'Oslo', 'NO', 709037), (2, 'Bergen', 'NO', 291940), (3, 'Uppsala', 'SE', 177074),
  (4, 'Stockholm', 'SE', 984748), (5, 'Århus', 'DK', 285273);
INSERT INTO road VALUES (1, 2, 463.5), (1, 4, 522.25), (4, 3, 71), (3, 4, 71), (2, 1, 463.5);

SELECT a.name AS "from", b.name AS "to", printf('%8.2f', km) AS km
  FROM road JOIN city a ON a.id = source JOIN city b ON b.id = target ORDER BY a.name, b.name;
SELECT country, count(*) AS cities, sum(people) AS people, round(avg(people), 3) AS mean FROM city
  GROUP BY country HAVING count(*) > 1 ORDER BY people DESC;
SELECT name, rank() OVER (PARTITION BY country ORDER BY people DESC) AS place,
  sum(people) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS with_neighbour FROM city ORDER BY id;

WITH RECURSIVE reach(id, km, path) AS (
  SELECT 1, 0.0, 'Oslo'
  UNION ALL
  SELECT target, reach.km + road.km, path || ' > ' || name FROM reach JOIN road ON source = reach.id
    JOIN city ON city.id = target WHERE instr(path, name) = 0)
SELECT path, km FROM reach ORDER BY km, path;

.mode list
SELECT json_group_object(name, json_array(id, country)) FROM city WHERE people > 200000;
SELECT key, type, atom FROM json_tree('{"a":[1,2.5,{"b":null}],"c":"x"}') WHERE atom IS NOT NULL OR type = 'null';
SELECT json_extract('{"a":{"b":[10,20,30]}}', '$.a.b[#-1]');

CREATE VIRTUAL TABLE note USING fts5(title, body, tokenize = 'porter unicode61');
INSERT INTO note VALUES ('linking', 'relocations are applied while the section is in cache'),
  ('running', 'the linked program runs in the process'), ('unloading', 'everything that linking took is given back');
SELECT title, highlight(note, 1, '[', ']') FROM note WHERE note MATCH 'link* OR relocation' ORDER BY title;
CREATE VIRTUAL TABLE box USING rtree(id, x0, x1, y0, y1);
INSERT INTO box VALUES (1, 0, 2, 0, 2), (2, 1, 3, 1, 3), (3, 5, 6, 5, 6);
SELECT id FROM box WHERE x1 >= 1.5 AND x0 <= 2.5 ORDER BY id;

BEGIN;
UPDATE city SET people = people * 2 WHERE country = 'NO';
SAVEPOINT inner_one;
DELETE FROM city WHERE country = 'SE';
ROLLBACK TO inner_one;
INSERT INTO city VALUES (6, 'Odense', 'DK', 180863) ON CONFLICT DO NOTHING;
COMMIT;
BEGIN;
DELETE FROM city;
ROLLBACK;
SELECT count(*), sum(people) FROM city;

CREATE TABLE log(at INTEGER, what TEXT);
CREATE TRIGGER city_gone AFTER DELETE ON city BEGIN INSERT INTO log VALUES (old.id, 'gone: ' || old.name); END;
DELETE FROM city WHERE id IN (SELECT id FROM city ORDER BY people LIMIT 2);
SELECT * FROM log ORDER BY at;
SELECT hex(zeroblob(2)), typeof(1e308 * 10), 7 / 2, -7 % 3, 7.0 / 2, 1 << 40, abs(-9223372036854775807);
SELECT round(sin(1), 12), round(exp(1), 12), ceil(2.1), printf('%.17g', 0.1), strftime('%Y-%m-%d %H:%M', 1700000000, 'unixepoch');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT count(*), sum(i * i % 97), group_concat(i, '') LIKE '1234%' FROM n;
EXPLAIN QUERY PLAN SELECT * FROM road WHERE source = 1 AND km > 100;
PRAGMA integrity_check;
.schema city
.dump road
INSERT INTO city VALUES (7, 'Oslo', 'NO', 1);
SELECT 'not reached, because of .bail';
