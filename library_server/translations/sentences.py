"""The sentence of each code that an error or a check gives, see `storage_config.messages`.

Each is formatted with the parameters of its message; a `detail` follows by itself. `tests/test_sentences.py` compares
the table with what the packages raise.
"""

from __future__ import annotations

from library_server.translations.message_catalogs import gettext_noop as _

_STORES = {
    "storage_failed": _("存储服务报错：%(what)s"),
    "storage_unusable": _("存储不能用"),
    "object_missing": _("没有这个对象：%(what)s"),
    "bucket_missing": _("存储桶不存在：%(what)s。请运行 tianyuan storage check --create"),
    "credentials_refused": _("存储服务不认这对密钥：%(what)s。请检查 TIANYUAN_S3_ACCESS_KEY 和 TIANYUAN_S3_SECRET_KEY"),
    "access_refused": _("这对密钥没有这项权限：%(what)s"),
    "credentials_only_read": _("这对密钥只能读不能写：入库和整理要用 ingest 身份的密钥"),
    "bucket_settings_hidden": _("这对密钥不能查看存储桶的设置：%(what)s。请用 admin 身份再试"),
    "clock_skewed": _("本机与存储服务的时钟相差太多：%(what)s。请校时"),
    "wrong_region": _("存储桶在另一个区域：%(what)s。请检查 TIANYUAN_S3_REGION"),
    "storage_full": _("存储满了：%(what)s。请腾出空间后再试"),
    "storage_unreachable": _("存储服务没有应答：%(what)s。请稍后再试"),
    "storage_failing": _("存储服务自己出了错：%(what)s。多半是它的磁盘满了或坏了，请看它的日志"),
    "bucket_takes_nothing": _(
        "存储桶收不下内容：%(what)s。如果是 SeaweedFS，多半是没有空的卷了：运行 tianyuan storage check，"
        "把 WEED_VOLUME_MB（-master.volumeSizeLimitMB）改小后重启它，或者加盘"
    ),
    "volumes_lacking": _(
        "SeaweedFS 只剩 %(free)s 个空的卷（最多 %(most)s 个），这些桶还没有卷可写：%(buckets)s。每个桶至少要一个："
        "把 WEED_VOLUME_MB（-master.volumeSizeLimitMB）改小后重启它，或者加盘"
    ),
    "disk_full": _("磁盘满了：请腾出空间后再运行一次"),
    "disk_reserve_reached": _("磁盘只剩 %(free)s，要给读者留 %(reserve)s：不再存入，读者照常；请腾出空间后再运行一次"),
    "disk_failed": _("磁盘读写失败"),
    "disk_read_only": _("磁盘只能读不能写：%(what)s"),
    "local_disk_unwritable": _("本机的磁盘写不进去了"),
    "object_damaged": _("对象坏了：%(what)s"),
    "changed_on_the_way": _("传送途中内容变了，没有存入：%(what)s"),
    "read_back_differs": _("存进去的和读出来的不一样"),
    "stored_bytes_differ": _("存入的内容与原件不同：%(what)s"),
    "source_became_shorter": _("文件在读取时变短了：%(what)s"),
    "sending_stopped": _("传送中止：%(what)s"),
    "object_too_short": _("对象比记录的短：%(what)s"),
    "copy_length_differs": _("搬动后长度不同，原处没有删：%(what)s"),
    "not_a_sha256": _("不是 SHA-256：%(what)s"),
    "not_a_key": _("不是这个存储的键：%(what)s"),
}
_FIXITY = {
    "object_gone": _("对象不在"),
    "object_unreadable": _("读不出来"),
    "length_differs": _("长度 %(size)s 字节，应是 %(expected)s"),
    "bytes_changed": _("内容变了：%(sha256)s"),
    "still_damaged": _("补好以后读出来还是不对：%(what)s"),
    "replica_lacks_object": _("第二份也不在"),
    "not_repaired": _("补不了"),
    "repaired_from_replica": _("已用第二份补好"),
}
_SETTINGS = {
    "unknown_setting": _("不认识的设置：%(names)s。可用的：%(allowed)s"),
    "bad_setting": _("设置不对：%(faults)s"),
    "setting_fault": _("%(name)s：%(fault)s"),
    "s3_not_set": _("没有设存储服务：%(names)s"),
    "other_s3_not_set": _("没有设另一个存储服务：%(names)s"),
    "not_toml": _("%(path)s：不是有效的 TOML"),
    "settings_unreadable": _("%(path)s：读不了这个设置文件"),
    "other_store_in_use": _("现在用的是 %(storage)s，不能从 %(source)s 切换到 %(target)s"),
    "folder_is_no_store": _("%(target)s：文件夹只能当第二份，不能切换过去"),
    "set_in_environment": _("%(names)s 由环境变量定：请在那里改成 %(changes)s"),
    "home_unusable": _("TIANYUAN_HOME：不能用这个数据文件夹：%(path)s"),
    "home_not_a_folder": _("TIANYUAN_HOME：不能用这个数据文件夹：%(path)s 不是文件夹"),
    "secret_key_link": _("%(path)s：是断开的链接"),
    "secret_key_not_a_file": _("%(path)s：不是普通文件"),
    "secret_key_unusable": _(
        "%(path)s：密钥不能用：%(cause)s。请从备份恢复，或删掉这个文件，下次启动会另做一个，已发出的链接随之失效"
    ),
    "key_empty": _("是空的"),
    "key_not_utf8": _("不是 UTF-8 文字"),
    "key_not_printable": _("含有控制字符"),
    "key_needs_more_bytes": _("只有 %(size)s 字节，至少要 %(least)s"),
    "key_too_simple": _("太容易猜"),
    "not_a_size": _("%(text)s：要写一个数和单位（%(units)s），如 3TB"),
    "unknown_unit": _("%(text)s：单位要是 %(units)s 中的一个；TB 是 10^12 字节，TiB 是 2^40"),
    "rate_too_low": _("%(text)s：每秒至少一个字节，如 50MB/s"),
    "not_a_duration": _("%(text)s：要写一个数和单位（%(units)s），如 2h"),
    "not_a_share": _("%(text)s：要写一个比例，如 25%%"),
    "share_too_large": _("%(text)s：最多 100%%"),
    "no_drives": _("至少要一台机器、一块盘"),
    "parity_out_of_range": _("每组 %(size)s 块盘，校验盘要在 1 到 %(most)s 之间"),
    "no_erasure_set": _("%(nodes)s 台 × %(drives)s 块盘分不成每组 2 到 16 块的纠删组：换一个数"),
}
_DATABASE = {
    "database_failed": _("数据库出错"),
    "database_unreachable": _("连不上数据库：请看它是否在运行、地址对不对"),
    "database_refused": _("数据库不认这个账号，或账号没有权限：检查 TIANYUAN_DATABASE_URL"),
    "database_absent": _("没有这个数据库：先用 createdb 建好"),
    "database_option": _("数据库地址里的选项不对：检查 TIANYUAN_DATABASE_URL"),
    "database_full": _("磁盘满了，数据库写不进去：请腾出空间后再运行一次"),
    "database_read_only": _("数据库只能读不能写：检查数据文件夹的权限和磁盘"),
    "database_damaged": _("数据库文件坏了：停下服务，从备份恢复；文件先留着不要删"),
    "database_busy": _("数据库正忙，请稍后再试"),
    "database_disk": _("数据库所在的磁盘读写出错，或者满了"),
    "database_encoding": _("数据库的编码不是 UTF8，存不了中文：用 createdb -E UTF8 -T template0 另建一个"),
    "schema_too_new": _("数据库是更新的版本写的，这个版本读不了：请升级程序"),
    "database_lost": _(
        "%(emptiness)s：%(where)s。馆里已经有东西，不能当作新馆。请从备份恢复数据库；"
        "确实要从空的目录开始，就运行 tianyuan serve --new-database，再把文件入库一次"
    ),
    "file_missing": _("数据库不在"),
    "file_of_zero_bytes": _("数据库文件是 0 字节"),
    "no_schema": _("数据库里什么表也没有"),
    "no_records": _("数据库里一条记录也没有"),
    "not_a_database_url": _("不是数据库地址。可用的：%(allowed)s"),
    "database_not_supported": _("不能用 %(driver)s。可用的：%(allowed)s"),
    "no_database_named": _("没有写哪个数据库。可用的：%(allowed)s"),
    "password_without_user": _("有密码，没有账号。可用的：%(allowed)s"),
    "postgresql_driver_missing": _(
        "TIANYUAN_DATABASE_URL：没有装 PostgreSQL 的驱动：pip install 'tianyuan-library[postgresql]'"
    ),
}
_CATALOGUE = {
    "record_missing": _("没有这条记录：%(record)s"),
    "same_record": _("一条记录不能和它自己比"),
    "not_published": _("只有两条都在公开的记录才能合并"),
    "not_merged": _("这条记录没有并入别的记录：%(record)s"),
    "setting_choice": _("只能是 %(expected)s"),
    "setting_integer": _("应该是整数"),
    "setting_number": _("应该是数"),
    "setting_boolean": _("应该是 true 或 false"),
    "setting_at_least": _("不能小于 %(ge)s"),
    "setting_above": _("要大于 %(gt)s"),
    "setting_at_most": _("不能大于 %(le)s"),
    "setting_below": _("要小于 %(lt)s"),
    "setting_pattern": _("写法不对，要符合 %(pattern)s"),
    "index_unreadable": _("索引读不出来，请重建：tianyuan index rebuild"),
    "index_not_built": _("索引还没有建好，请先建：tianyuan index rebuild"),
    "index_incomplete": _("索引不完整，请重建：tianyuan index rebuild"),
    "index_files_damaged": _("索引文件坏了，请重建：tianyuan index rebuild"),
    "count_differs": _("会删 %(count)s 个，不是 %(expected)s 个，所以什么也没有删"),
    "nothing_deleted": _(
        "%(cause)s。什么也没有删。先看 TIANYUAN_HOME 和 TIANYUAN_DATABASE_URL 对不对，"
        "数据库是不是从备份恢复的。确实要删这 %(count)s 个，就加 --expect %(count)s"
    ),
    "catalogue_empty": _("目录是空的：一份原件也没有登记"),
    "catalogue_new": _("目录是 %(began)s 才有的，存储里却有 %(stored)s 的原件"),
    "mostly_unnamed_originals": _("存着 %(stored)s 个原件，目录只认得 %(named)s 个，按个数或字节不到一半"),
    "mostly_unnamed_derivatives": _("存着 %(stored)s 个派生文件，目录只认得 %(named)s 个，按个数或字节不到一半"),
    "disk_not_allowed": _("没有权限，或磁盘只能读"),
    "reading_or_writing_failed": _("读写失败"),
}  # fmt: skip
_BACKUPS = {
    "backup_stopped": _("停下了：没做完的已经删掉"),
    "backup_not_a_folder": _("%(path)s：不是文件夹"),
    "backup_inside_home": _(
        "%(path)s 在数据文件夹 %(home)s 里面：数据文件夹没了，备份也就没了。请写另一块盘上的文件夹"
    ),
    "backup_needs_room": _("磁盘放不下：要 %(needed)s，只剩 %(free)s：%(path)s"),
    "backup_running": _("另一个备份正在进行：%(path)s"),
    "nothing_to_back_up": _("%(home)s：这里还没有图书馆，没有可备份的。请看 TIANYUAN_HOME 对不对"),
    "no_backup_there": _("%(path)s：这里没有做完的备份"),
    "backup_file_missing": _("备份不完整，缺 %(path)s。什么也没有动；请换一份备份"),
    "backup_file_differs": _("备份坏了：%(path)s 和做备份时写下的不一样。什么也没有动；请换一份备份"),
    "backup_too_new": _("%(path)s 是更新的版本（%(version)s）做的：请升级程序"),
    "schemas_differ": _("两边的表不一样：%(table)s"),
    "library_in_use": _("数据库正有人用着：%(where)s。请先停下 tianyuan serve 和 tianyuan worker"),
    "restore_needs_keys": _("备份里没有存储服务的密码。请先设 %(names)s"),
    "restore_needs_database": _(
        "这份备份是从 PostgreSQL（%(where)s）做的：请把 TIANYUAN_DATABASE_URL 设成要恢复到的数据库"
    ),
    "restore_unfinished": _("%(home)s：恢复还没有做完。请再运行一次 tianyuan restore"),
    "other_restore_unfinished": _(
        "%(home)s：上一次恢复的是另一份备份，还没有做完。请把那一次的命令再运行一次，或者加 --replace 换成这一份"
    ),
    "home_has_records": _(
        "%(home)s：这里已经有记录了。确实要换成备份里的，就加 --replace：现在的数据库、设置和密钥会另外留着"
    ),
}
SENTENCES: dict[str, str] = {**_STORES, **_FIXITY, **_SETTINGS, **_DATABASE, **_CATALOGUE, **_BACKUPS}
