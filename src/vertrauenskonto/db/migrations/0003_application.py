"""The tables of the web application."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vertrauenskonto', '0002_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertChoice',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to=settings.AUTH_USER_MODEL)),
                ('rhythm', models.CharField(default='daily', max_length=10)),
                ('hour', models.IntegerField(default=8)),
                ('quiet_from', models.IntegerField(default=20)),
                ('quiet_to', models.IntegerField(default=7)),
                ('days', models.CharField(default='12345', max_length=7)),
                ('with_names', models.BooleanField(default=False)),
                ('weekly_reasons', models.BooleanField(default=False)),
                ('read_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'alert_choice',
            },
        ),
        migrations.CreateModel(
            name='AlertSent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort', models.CharField(max_length=20)),
                ('day', models.DateField()),
                ('state', models.CharField(default='claimed', max_length=10)),
                ('claimed_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'alert_sent',
                'constraints': [models.UniqueConstraint(fields=('person', 'sort', 'day'), name='alert_once')],
            },
        ),
        migrations.CreateModel(
            name='AlertTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('address', models.TextField()),
                ('masked', models.CharField(max_length=200)),
                ('language', models.CharField(default='de', max_length=2)),
                ('tells', models.JSONField()),
                ('with_names', models.BooleanField(default=False)),
                ('quiet_from', models.IntegerField(default=20)),
                ('quiet_to', models.IntegerField(default=7)),
                ('days', models.CharField(default='12345', max_length=7)),
                ('is_active', models.BooleanField(default=True)),
                ('told_until_at', models.DateTimeField()),
                ('tried_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, max_length=20)),
                ('failing_since_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'alert_target',
            },
        ),
        migrations.CreateModel(
            name='Choice',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('value', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'db_table': 'choice',
            },
        ),
        migrations.CreateModel(
            name='LongWork',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20)),
                ('asked_at', models.DateTimeField()),
                ('options', models.JSONField(default=dict)),
                ('state', models.CharField(default='waiting', max_length=20)),
                ('share', models.FloatField(default=0.0)),
                ('result', models.JSONField(default=dict)),
                ('ended_at', models.DateTimeField(null=True)),
                ('asker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'long_work',
                'indexes': [models.Index(fields=['name', 'id'], name='long_work_newest')],
            },
        ),
        migrations.CreateModel(
            name='Mapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('text', models.TextField()),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'mapping',
            },
        ),
        migrations.CreateModel(
            name='Module',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('is_on', models.BooleanField()),
                ('actor', models.CharField(blank=True, max_length=80)),
                ('switched_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'module',
            },
        ),
        migrations.CreateModel(
            name='NameWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(max_length=40)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='vertrauenskonto.customer')),
            ],
            options={
                'db_table': 'name_word',
                'indexes': [models.Index(fields=['word', 'customer'], name='name_word_begins', opclasses=['varchar_pattern_ops', 'int8_ops'])],
                'constraints': [models.UniqueConstraint(fields=('customer', 'word'), name='name_word_once')],
            },
        ),
        migrations.CreateModel(
            name='PlannedContact',
            fields=[
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='vertrauenskonto.customer')),
                ('planned_date', models.DateField(db_index=True)),
                ('set_date', models.DateField()),
            ],
            options={
                'db_table': 'planned_contact',
            },
        ),
        migrations.CreateModel(
            name='PolicyDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('begun_from', models.CharField(max_length=100)),
                ('author', models.CharField(max_length=80)),
                ('begun_at', models.DateTimeField()),
                ('revision', models.IntegerField(default=1)),
                ('became', models.IntegerField(null=True)),
                ('without_replay', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'db_table': 'policy_draft',
            },
        ),
        migrations.CreateModel(
            name='DraftRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.IntegerField()),
                ('document', models.TextField()),
                ('editor', models.CharField(max_length=80)),
                ('saved_at', models.DateTimeField()),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='vertrauenskonto.policydraft')),
            ],
            options={
                'db_table': 'policy_draft_revision',
                'constraints': [models.UniqueConstraint(fields=('draft', 'revision'), name='draft_revision_once')],
            },
        ),
        migrations.CreateModel(
            name='Resting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort', models.CharField(max_length=20)),
                ('is_old', models.BooleanField()),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='vertrauenskonto.customer')),
                ('entry', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='vertrauenskonto.entry')),
            ],
            options={
                'db_table': 'resting_trigger',
                'constraints': [models.UniqueConstraint(condition=models.Q(('entry', None)), fields=('customer', 'sort'), name='resting_once'), models.UniqueConstraint(fields=('customer', 'entry'), name='resting_entry_once')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('filters', models.JSONField()),
                ('is_shared', models.BooleanField(default=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'saved_view',
                'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='saved_view_named_once')],
            },
        ),
        migrations.CreateModel(
            name='SharedDuty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('opened_date', models.DateField()),
                ('due_date', models.DateField()),
                ('escalated_date', models.DateField(null=True)),
                ('resolved_date', models.DateField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=500)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'shared_duty',
            },
        ),
        migrations.CreateModel(
            name='Obligation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opened_date', models.DateField()),
                ('due_date', models.DateField()),
                ('snoozed_until_date', models.DateField(null=True)),
                ('escalated_date', models.DateField(null=True)),
                ('closed_date', models.DateField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=20)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='vertrauenskonto.customer')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('shared', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to='vertrauenskonto.sharedduty')),
            ],
            options={
                'db_table': 'obligation',
                'indexes': [models.Index(condition=models.Q(('closed_date', None)), fields=['due_date', 'id'], name='obligation_by_day'), models.Index(condition=models.Q(('closed_date__isnull', False)), fields=['closed_date'], name='obligation_closed')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_date', None)), fields=('customer',), name='obligation_one_open')],
            },
        ),
        migrations.CreateModel(
            name='Cause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort', models.CharField(max_length=20)),
                ('added_date', models.DateField()),
                ('ended_date', models.DateField(null=True)),
                ('entry', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='vertrauenskonto.entry')),
                ('obligation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='vertrauenskonto.obligation')),
            ],
            options={
                'db_table': 'obligation_cause',
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=80)),
                ('kind', models.CharField(max_length=20)),
                ('mapping', models.CharField(blank=True, max_length=80)),
                ('place', models.JSONField(default=dict)),
                ('secret', models.TextField(blank=True)),
                ('every_minutes', models.IntegerField(null=True)),
                ('daily_minute', models.IntegerField(null=True)),
                ('is_on', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('last_at', models.DateTimeField(null=True)),
                ('good_at', models.DateTimeField(null=True)),
                ('error', models.JSONField(default=dict)),
                ('cursor', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'db_table': 'source',
                'indexes': [models.Index(fields=['is_on', 'due_at'], name='source_due')],
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40, unique=True)),
                ('system', models.CharField(blank=True, max_length=80)),
                ('files', models.JSONField()),
                ('file_hash', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('is_kept', models.BooleanField(default=True)),
                ('mapping', models.CharField(blank=True, max_length=80)),
                ('mapping_text', models.TextField(blank=True)),
                ('state', models.CharField(default='uploaded', max_length=20)),
                ('stage', models.CharField(blank=True, max_length=20)),
                ('share', models.FloatField(default=0.0)),
                ('attempts', models.IntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('error', models.JSONField(default=dict)),
                ('newest_date', models.DateField(null=True)),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to='vertrauenskonto.source')),
            ],
            options={
                'db_table': 'import_run',
                'indexes': [models.Index(fields=['system', 'id'], name='import_run_by_system'), models.Index(fields=['file_hash'], name='import_run_by_hash'), models.Index(fields=['is_kept', 'created_at'], name='import_run_kept')],
            },
        ),
        migrations.CreateModel(
            name='MailDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=64, unique=True)),
                ('received_at', models.DateTimeField()),
                ('sent_date', models.DateField()),
                ('contents', models.JSONField()),
                ('kind', models.CharField(blank=True, max_length=80)),
                ('candidates', models.JSONField()),
                ('state', models.CharField(default='waiting', max_length=20)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decider', models.CharField(blank=True, max_length=80)),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='vertrauenskonto.customer')),
                ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to='vertrauenskonto.source')),
            ],
            options={
                'db_table': 'mail_draft',
                'indexes': [models.Index(fields=['state', 'id'], name='mail_draft_waiting')],
            },
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor', models.CharField(max_length=80)),
                ('what', models.CharField(max_length=20)),
                ('sort', models.CharField(blank=True, max_length=20)),
                ('until_date', models.DateField(null=True)),
                ('person', models.CharField(blank=True, max_length=40)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('obligation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='vertrauenskonto.obligation')),
            ],
            options={
                'db_table': 'obligation_step',
                'indexes': [models.Index(fields=['at'], name='obligation_step_by_time')],
            },
        ),
        migrations.CreateModel(
            name='PolicyReplay',
            fields=[
                ('draft', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='vertrauenskonto.policydraft')),
                ('revision', models.IntegerField()),
                ('compared', models.CharField(max_length=100)),
                ('state', models.CharField(default='waiting', max_length=20)),
                ('run', models.CharField(blank=True, max_length=40)),
                ('share', models.FloatField(default=0.0)),
                ('asked_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('first_date', models.DateField(null=True)),
                ('last_date', models.DateField(null=True)),
                ('result', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'policy_replay',
            },
        ),
        migrations.CreateModel(
            name='ReplayedAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scene', models.CharField(max_length=20)),
                ('before', models.FloatField()),
                ('after', models.FloatField()),
                ('change', models.FloatField()),
                ('band_before', models.CharField(max_length=20)),
                ('band_after', models.CharField(max_length=20)),
                ('verdict_before', models.CharField(max_length=20)),
                ('verdict_after', models.CharField(max_length=20)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='vertrauenskonto.customer')),
                ('replay', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='vertrauenskonto.policyreplay')),
            ],
            options={
                'db_table': 'replayed_account',
                'indexes': [models.Index(fields=['replay', 'scene', 'change', 'id'], name='replayed_account_by_change')],
                'constraints': [models.UniqueConstraint(fields=('replay', 'scene', 'customer'), name='replayed_account_once')],
            },
        ),
        migrations.AddField(
            model_name='balance',
            name='change',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='balance',
            name='earlier_balance',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='balance',
            name='earlier_date',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='balance',
            name='falls_date',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='balance',
            name='looked_until_date',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='balance',
            name='segment',
            field=models.CharField(blank=True, default='', max_length=80),
        ),
        migrations.AddField(
            model_name='signinlink',
            name='signs_in',
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name='balance',
            index=models.Index(fields=['change', 'customer'], name='balance_by_change'),
        ),
        migrations.AddIndex(
            model_name='balance',
            index=models.Index(fields=['falls_date', 'customer'], name='balance_by_fall'),
        ),
        migrations.AddIndex(
            model_name='balance',
            index=models.Index(fields=['weakest_expected', 'customer'], name='balance_by_weakest'),
        ),
        migrations.AddIndex(
            model_name='balance',
            index=models.Index(fields=['last_contact_date', 'customer'], name='balance_by_contact'),
        ),
        migrations.AddIndex(
            model_name='balance',
            index=models.Index(condition=models.Q(('below_threshold', True)), fields=['balance', 'customer'], name='balance_below_by_worth'),
        ),
        migrations.AddIndex(
            model_name='balance',
            index=models.Index(condition=models.Q(('below_threshold', True)), fields=['change', 'customer'], name='balance_below_by_change'),
        ),
        migrations.AddIndex(
            model_name='balance',
            index=models.Index(condition=models.Q(('below_threshold', True)), fields=['weakest_expected', 'customer'], name='balance_below_by_weakest'),
        ),
        migrations.AddIndex(
            model_name='balance',
            index=models.Index(condition=models.Q(('below_threshold', True)), fields=['last_contact_date', 'customer'], name='balance_below_by_contact'),
        ),
        migrations.AddIndex(
            model_name='balance',
            index=models.Index(condition=models.Q(('segment', ''), _negated=True), fields=['segment'], name='balance_in_segment'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(condition=models.Q(('reverses', None), models.Q(('willing__lt', 0), ('able__lt', 0), ('assessable__lt', 0), _connector='OR')), fields=['value_date', 'id'], include=('customer', 'kind', 'source', 'willing', 'able', 'assessable'), name='entry_withdrawal'),
        ),
        migrations.AddIndex(
            model_name='externalid',
            index=models.Index(fields=['value'], name='external_id_by_value'),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['search_name', 'customer'], name='profile_by_name'),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(condition=models.Q(('is_prospect', True)), fields=['customer'], name='profile_prospect'),
        ),
        migrations.AddIndex(
            model_name='transaction',
            index=models.Index(condition=models.Q(('channel', 'web')), fields=['actor', 'id'], name='transaction_by_hand'),
        ),
    ]
