CREATE TABLE "assets" (
	id VARCHAR(32) NOT NULL,
	record_id VARCHAR(32) NOT NULL,
	role VARCHAR(16) NOT NULL,
	label VARCHAR(64) NOT NULL,
	media_type VARCHAR(128) NOT NULL,
	language VARCHAR(35),
	size BIGINT NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	"key" VARCHAR(255) NOT NULL,
	filename TEXT,
	created_at DATETIME NOT NULL,
	checked_at DATETIME DEFAULT '1970-01-01 00:00:00' NOT NULL,
	condition VARCHAR(16) DEFAULT 'sound' NOT NULL,
	used_at DATETIME, superseded BOOLEAN DEFAULT 0 NOT NULL, machine_made BOOLEAN DEFAULT 0 NOT NULL, librarians_only BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_assets PRIMARY KEY (id),
	CONSTRAINT fk_assets_record_id_records FOREIGN KEY(record_id) REFERENCES records (id) ON DELETE CASCADE
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE batches (
	id VARCHAR(32) NOT NULL,
	sources JSON NOT NULL,
	options JSON NOT NULL,
	state VARCHAR(16) NOT NULL,
	started_at DATETIME NOT NULL,
	finished_at DATETIME, actor TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_batches PRIMARY KEY (id)
);
CREATE TABLE collection_records (
	collection_id VARCHAR(32) NOT NULL,
	record_id VARCHAR(32) NOT NULL,
	CONSTRAINT pk_collection_records PRIMARY KEY (collection_id, record_id),
	CONSTRAINT fk_collection_records_collection_id_collections FOREIGN KEY(collection_id) REFERENCES collections (id) ON DELETE CASCADE,
	CONSTRAINT fk_collection_records_record_id_records FOREIGN KEY(record_id) REFERENCES records (id) ON DELETE CASCADE
);
CREATE TABLE collections (
	id VARCHAR(32) NOT NULL,
	slug VARCHAR(64) NOT NULL,
	title TEXT NOT NULL,
	description TEXT,
	impression BOOLEAN NOT NULL,
	position INTEGER NOT NULL, size INTEGER DEFAULT '0' NOT NULL,
	CONSTRAINT pk_collections PRIMARY KEY (id),
	CONSTRAINT uq_collections_slug UNIQUE (slug)
);
CREATE TABLE creators (
	record_id VARCHAR(32) NOT NULL,
	position INTEGER NOT NULL,
	name TEXT NOT NULL,
	role VARCHAR(16) NOT NULL,
	CONSTRAINT pk_creators PRIMARY KEY (record_id, position),
	CONSTRAINT fk_creators_record_id_records FOREIGN KEY(record_id) REFERENCES records (id) ON DELETE CASCADE
);
CREATE TABLE entries (
	id VARCHAR(32) NOT NULL,
	batch_id VARCHAR(32) NOT NULL,
	path TEXT NOT NULL,
	fingerprint VARCHAR(64) NOT NULL,
	size BIGINT NOT NULL,
	state VARCHAR(16) NOT NULL,
	code VARCHAR(64),
	reason TEXT,
	record_id VARCHAR(32), problems JSON, given JSON,
	CONSTRAINT pk_entries PRIMARY KEY (id),
	CONSTRAINT fk_entries_batch_id_batches FOREIGN KEY(batch_id) REFERENCES batches (id) ON DELETE CASCADE,
	CONSTRAINT fk_entries_record_id_records FOREIGN KEY(record_id) REFERENCES records (id) ON DELETE SET NULL
);
CREATE TABLE holdings (
	id VARCHAR(32) NOT NULL,
	record_id VARCHAR(32) NOT NULL,
	place TEXT NOT NULL,
	shelf_mark VARCHAR(128),
	copies INTEGER NOT NULL,
	CONSTRAINT pk_holdings PRIMARY KEY (id),
	CONSTRAINT fk_holdings_record_id_records FOREIGN KEY(record_id) REFERENCES records (id) ON DELETE CASCADE
);
CREATE TABLE identifiers (
	record_id VARCHAR(32) NOT NULL,
	scheme VARCHAR(16) NOT NULL,
	value VARCHAR(255) NOT NULL,
	CONSTRAINT pk_identifiers PRIMARY KEY (record_id, scheme, value),
	CONSTRAINT fk_identifiers_record_id_records FOREIGN KEY(record_id) REFERENCES records (id) ON DELETE CASCADE
);
CREATE TABLE jobs (
	id VARCHAR(32) NOT NULL,
	task VARCHAR(32) NOT NULL,
	record_id VARCHAR(32),
	arguments JSON NOT NULL,
	state VARCHAR(16) NOT NULL,
	priority INTEGER NOT NULL,
	progress DOUBLE NOT NULL,
	attempts INTEGER NOT NULL,
	reason TEXT,
	created_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL, amount DOUBLE DEFAULT '0' NOT NULL, spent DOUBLE, not_before DATETIME, interruptions INTEGER DEFAULT '0' NOT NULL, boot VARCHAR(36),
	CONSTRAINT pk_jobs PRIMARY KEY (id),
	CONSTRAINT fk_jobs_record_id_records FOREIGN KEY(record_id) REFERENCES records (id) ON DELETE CASCADE
);
CREATE TABLE likenesses (
	first_id VARCHAR(32) NOT NULL,
	second_id VARCHAR(32) NOT NULL,
	reason VARCHAR(16) NOT NULL,
	state VARCHAR(16) NOT NULL,
	noted_at DATETIME NOT NULL,
	decided_at DATETIME,
	decided_by TEXT,
	CONSTRAINT pk_likenesses PRIMARY KEY (first_id, second_id),
	CONSTRAINT fk_likenesses_first_id_records FOREIGN KEY(first_id) REFERENCES records (id) ON DELETE CASCADE,
	CONSTRAINT fk_likenesses_second_id_records FOREIGN KEY(second_id) REFERENCES records (id) ON DELETE CASCADE
);
CREATE TABLE merges (
	number INTEGER NOT NULL,
	kept_id VARCHAR(32) NOT NULL,
	gone_id VARCHAR(32) NOT NULL,
	actor TEXT NOT NULL,
	at DATETIME NOT NULL,
	undone_at DATETIME,
	moved JSON NOT NULL,
	CONSTRAINT pk_merges PRIMARY KEY (number),
	CONSTRAINT fk_merges_kept_id_records FOREIGN KEY(kept_id) REFERENCES records (id) ON DELETE CASCADE,
	CONSTRAINT fk_merges_gone_id_records FOREIGN KEY(gone_id) REFERENCES records (id) ON DELETE CASCADE
);
CREATE TABLE outbox (
	number INTEGER NOT NULL,
	record_id VARCHAR(32) NOT NULL,
	created_at DATETIME NOT NULL, withdrawn BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_outbox PRIMARY KEY (number)
);
CREATE TABLE preservation_events (
	number INTEGER NOT NULL,
	run_id INTEGER,
	asset_id VARCHAR(32) NOT NULL,
	type VARCHAR(32) NOT NULL,
	at BIGINT NOT NULL,
	outcome VARCHAR(8) NOT NULL,
	detail TEXT,
	CONSTRAINT pk_preservation_events PRIMARY KEY (number),
	CONSTRAINT fk_preservation_events_run_id_preservation_runs FOREIGN KEY(run_id) REFERENCES preservation_runs (id)
);
CREATE TABLE preservation_runs (
	id INTEGER NOT NULL,
	agent TEXT NOT NULL,
	started_at DATETIME NOT NULL,
	pass_began DATETIME NOT NULL,
	finished_at DATETIME,
	whole BOOLEAN NOT NULL,
	checked INTEGER NOT NULL,
	bytes BIGINT NOT NULL,
	unnamed INTEGER,
	CONSTRAINT pk_preservation_runs PRIMARY KEY (id)
);
CREATE TABLE record_links (
	source_id VARCHAR(32) NOT NULL,
	type VARCHAR(16) NOT NULL,
	target_id VARCHAR(32) NOT NULL,
	CONSTRAINT pk_record_links PRIMARY KEY (source_id, type, target_id),
	CONSTRAINT fk_record_links_source_id_records FOREIGN KEY(source_id) REFERENCES records (id) ON DELETE CASCADE,
	CONSTRAINT fk_record_links_target_id_records FOREIGN KEY(target_id) REFERENCES records (id) ON DELETE CASCADE
);
CREATE TABLE records (
	id VARCHAR(32) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	title TEXT NOT NULL,
	other_titles JSON NOT NULL,
	publisher TEXT,
	place TEXT,
	date_written TEXT,
	date_edtf VARCHAR(64),
	date_earliest INTEGER,
	date_latest INTEGER,
	language VARCHAR(35),
	clc VARCHAR(64),
	abstract TEXT,
	series TEXT,
	part_number INTEGER,
	place_covered TEXT,
	time_covered TEXT,
	rights TEXT,
	downloadable BOOLEAN NOT NULL,
	access VARCHAR(16) NOT NULL,
	status VARCHAR(16) NOT NULL,
	withdrawn_reason TEXT,
	extent INTEGER,
	duration_ms INTEGER,
	details JSON NOT NULL,
	source_path TEXT,
	batch_id VARCHAR(32),
	created_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL, match_key VARCHAR(32), photo_hash BIGINT,
	CONSTRAINT pk_records PRIMARY KEY (id),
	CONSTRAINT ck_records_access CHECK (access IN ('public', 'members', 'premises')),
	CONSTRAINT ck_records_kind CHECK (kind IN ('book', 'audio', 'lecture', 'film', 'performance', 'story', 'person', 'photo')),
	CONSTRAINT ck_records_status CHECK (status IN ('draft', 'published', 'withdrawn')),
	CONSTRAINT fk_records_batch_id_batches FOREIGN KEY(batch_id) REFERENCES batches (id)
);
CREATE TABLE revisions (
	number INTEGER NOT NULL,
	record_id VARCHAR(32) NOT NULL,
	batch_id VARCHAR(32),
	actor TEXT NOT NULL,
	at DATETIME NOT NULL,
	action VARCHAR(16) NOT NULL,
	changes JSON NOT NULL,
	CONSTRAINT pk_revisions PRIMARY KEY (number),
	CONSTRAINT fk_revisions_record_id_records FOREIGN KEY(record_id) REFERENCES records (id) ON DELETE CASCADE,
	CONSTRAINT fk_revisions_batch_id_batches FOREIGN KEY(batch_id) REFERENCES batches (id)
);
CREATE TABLE source_records (
	record_id VARCHAR(32) NOT NULL,
	format VARCHAR(16) NOT NULL,
	body BLOB NOT NULL,
	CONSTRAINT pk_source_records PRIMARY KEY (record_id),
	CONSTRAINT fk_source_records_record_id_records FOREIGN KEY(record_id) REFERENCES records (id) ON DELETE CASCADE
);
CREATE TABLE subjects (
	record_id VARCHAR(32) NOT NULL,
	position INTEGER NOT NULL,
	term TEXT NOT NULL,
	CONSTRAINT pk_subjects PRIMARY KEY (record_id, position),
	CONSTRAINT fk_subjects_record_id_records FOREIGN KEY(record_id) REFERENCES records (id) ON DELETE CASCADE
);
CREATE TABLE usage_figures (
	taken_at DATETIME NOT NULL,
	figures JSON NOT NULL,
	CONSTRAINT pk_usage_figures PRIMARY KEY (taken_at)
);
CREATE INDEX ix_assets_kept_sha256 ON assets (sha256) WHERE role = 'original' AND label = 'cover';
CREATE INDEX ix_assets_key ON assets ("key");
CREATE INDEX ix_assets_record_role ON assets (record_id, role);
CREATE INDEX ix_assets_role_checked ON assets (role, checked_at, id);
CREATE INDEX ix_assets_unsound ON assets (condition) WHERE condition <> 'sound';
CREATE INDEX ix_collection_records_record ON collection_records (record_id);
CREATE INDEX ix_creators_name ON creators (name);
CREATE INDEX ix_entries_batch_state ON entries (batch_id, state);
CREATE INDEX ix_entries_fingerprint ON entries (fingerprint);
CREATE INDEX ix_entries_path ON entries (path, fingerprint);
CREATE INDEX ix_entries_record_id ON entries (record_id);
CREATE INDEX ix_holdings_record_id ON holdings (record_id);
CREATE INDEX ix_identifiers_scheme_value ON identifiers (scheme, value);
CREATE INDEX ix_jobs_record_id ON jobs (record_id);
CREATE INDEX ix_jobs_state_priority ON jobs (state, priority, id);
CREATE INDEX ix_likenesses_second ON likenesses (second_id);
CREATE INDEX ix_likenesses_state ON likenesses (state);
CREATE INDEX ix_merges_gone ON merges (gone_id);
CREATE INDEX ix_merges_kept ON merges (kept_id);
CREATE INDEX ix_outbox_withdrawn ON outbox (record_id) WHERE withdrawn = 1;
CREATE INDEX ix_preservation_events_asset ON preservation_events (asset_id);
CREATE INDEX ix_record_links_target ON record_links (target_id, type);
CREATE INDEX ix_records_batch_id ON records (batch_id);
CREATE INDEX ix_records_match_key ON records (match_key);
CREATE INDEX ix_records_status_id ON records (status, id);
CREATE INDEX ix_records_status_kind_id ON records (status, kind, id);
CREATE INDEX ix_revisions_batch ON revisions (batch_id);
CREATE INDEX ix_revisions_record ON revisions (record_id);
CREATE UNIQUE INDEX uq_assets_original_sha256 ON assets (sha256) WHERE role = 'original' AND label <> 'cover';
CREATE UNIQUE INDEX ux_jobs_unfinished ON jobs (task, record_id) WHERE state IN ('queued', 'running');
INSERT INTO "alembic_version" VALUES('0012');
