"""The tables of promises, calendars, recovery and what belongs to them."""

import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vertrauenskonto", "0003_application"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("hours", models.CharField(blank=True, max_length=100)),
                ("name", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "db_table": "calendar_day",
            },
        ),
        migrations.CreateModel(
            name="CalendarUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "db_table": "calendar_use",
            },
        ),
        migrations.CreateModel(
            name="CalendarWeek",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField()),
                ("hours", models.CharField(max_length=1000)),
            ],
            options={
                "db_table": "calendar_week",
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=40, unique=True)),
                ("path", models.CharField(max_length=20)),
                ("origin", models.CharField(max_length=20)),
                ("incident_date", models.DateField()),
                ("incident", models.CharField(blank=True, max_length=1000)),
                ("opened_at", models.DateTimeField()),
                ("opened_date", models.DateField()),
                ("opened_by", models.CharField(max_length=80)),
                ("number", models.CharField(max_length=40, unique=True)),
                ("state", models.CharField(max_length=20)),
                ("closed_date", models.DateField(null=True)),
                ("next_step", models.CharField(blank=True, max_length=20)),
                ("due_date", models.DateField(null=True)),
            ],
            options={
                "db_table": "recovery_case",
            },
        ),
        migrations.CreateModel(
            name="CaseStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on_date", models.DateField()),
                ("written_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("person", models.CharField(max_length=80)),
                ("what", models.CharField(max_length=20)),
                ("channel", models.CharField(blank=True, max_length=20)),
                ("skipped", models.CharField(blank=True, max_length=20)),
                ("words", models.JSONField(default=dict)),
                ("breach", models.CharField(blank=True, max_length=20)),
                ("until_date", models.DateField(null=True)),
                ("balance", models.FloatField(null=True)),
                ("threshold", models.FloatField(null=True)),
                ("survey", models.JSONField(null=True)),
                ("is_repeated", models.BooleanField(default=False)),
                ("number", models.CharField(max_length=40, unique=True)),
            ],
            options={
                "db_table": "recovery_step",
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sort", models.CharField(max_length=10)),
                ("channel", models.CharField(blank=True, max_length=20)),
                ("purpose", models.CharField(blank=True, max_length=20)),
                ("since_date", models.DateField()),
                ("proof", models.CharField(blank=True, max_length=500)),
                ("withdrawn_date", models.DateField(null=True)),
                ("written_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("number", models.CharField(max_length=40, unique=True)),
            ],
            options={
                "db_table": "consent",
            },
        ),
        migrations.CreateModel(
            name="ConsentBasis",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="consent_basis",
                        serialize=False,
                        to="vertrauenskonto.customer",
                    ),
                ),
                ("is_answered", models.BooleanField(default=False)),
                ("address_from_sale", models.BooleanField(default=False)),
                ("similar_goods", models.BooleanField(default=False)),
                ("has_not_objected", models.BooleanField(default=False)),
                ("notice_at_collection", models.BooleanField(default=False)),
                ("notice", models.CharField(blank=True, max_length=500)),
                ("presumed_interest", models.CharField(blank=True, max_length=500)),
                ("written_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
            ],
            options={
                "db_table": "consent_basis",
            },
        ),
        migrations.CreateModel(
            name="CustomerMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(blank=True, max_length=20)),
                ("language", models.CharField(default="de", max_length=2)),
                ("address", models.CharField(blank=True, max_length=254)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("text", models.CharField(blank=True, max_length=8000)),
                ("ground", models.CharField(blank=True, max_length=20)),
                ("drafted_at", models.DateTimeField()),
                ("drafter", models.CharField(max_length=80)),
                ("approved_at", models.DateTimeField(null=True)),
                ("approver", models.CharField(blank=True, max_length=80)),
                ("state", models.CharField(default="draft", max_length=10)),
                ("reason", models.CharField(blank=True, max_length=20)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("mail_id", models.CharField(blank=True, max_length=120)),
                ("number", models.CharField(max_length=40, unique=True)),
            ],
            options={
                "db_table": "customer_message",
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.CharField(max_length=80)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("text", models.CharField(blank=True, max_length=4000)),
                ("subject_en", models.CharField(blank=True, max_length=200)),
                ("text_en", models.CharField(blank=True, max_length=4000)),
                ("delay_days", models.SmallIntegerField(default=0)),
                ("number", models.CharField(max_length=40, unique=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("approved_by", models.CharField(blank=True, max_length=80)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "incident",
            },
        ),
        migrations.CreateModel(
            name="MessagePromise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("due_date", models.DateField(null=True)),
            ],
            options={
                "db_table": "message_promise",
            },
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=40, unique=True)),
                ("sort", models.CharField(max_length=20)),
                ("wording", models.CharField(max_length=500)),
                ("capability", models.CharField(blank=True, max_length=80)),
                ("said_in", models.CharField(max_length=20)),
                ("evidence", models.CharField(blank=True, max_length=500)),
                ("depends_on", models.CharField(blank=True, max_length=500)),
                ("told_whom", models.CharField(blank=True, max_length=200)),
                ("is_first_contact", models.BooleanField(default=False)),
                ("is_before_order", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField()),
                ("zone", models.CharField(max_length=40)),
                ("due_at", models.DateTimeField()),
                ("due_date", models.DateField(null=True)),
                ("state", models.CharField(max_length=20)),
                ("is_at_risk", models.BooleanField(default=False)),
                ("told_at", models.DateTimeField(null=True)),
                ("renegotiated", models.SmallIntegerField(default=0)),
                ("notice_minutes", models.IntegerField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("warned_at", models.DateTimeField(null=True)),
                ("source", models.CharField(max_length=80)),
                ("source_id", models.CharField(max_length=200)),
                ("place", models.CharField(blank=True, max_length=300)),
                ("ends_at", models.DateTimeField(null=True)),
                ("travel_minutes", models.SmallIntegerField(null=True)),
                ("late_minutes", models.SmallIntegerField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("link_hash", models.BinaryField(max_length=32, null=True, unique=True)),
            ],
            options={
                "db_table": "promise",
            },
        ),
        migrations.CreateModel(
            name="PromiseStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("written_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("what", models.CharField(max_length=20)),
                ("due_at", models.DateTimeField(null=True)),
                ("due_date", models.DateField(null=True)),
                ("late_minutes", models.SmallIntegerField(null=True)),
                ("channel", models.CharField(blank=True, max_length=20)),
                ("person", models.CharField(blank=True, max_length=40)),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("entry_source_id", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "db_table": "promise_step",
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("wording", models.CharField(max_length=500)),
                ("capability", models.CharField(blank=True, max_length=80)),
                ("said_in", models.CharField(max_length=20)),
                ("made_at", models.DateTimeField()),
                ("number", models.CharField(max_length=40, unique=True)),
                ("rhythm", models.CharField(max_length=20)),
                ("every", models.SmallIntegerField(default=1)),
                ("first_date", models.DateField()),
                ("last_date", models.DateField(null=True)),
                ("made_until_date", models.DateField(null=True)),
                ("ended_date", models.DateField(null=True)),
            ],
            options={
                "db_table": "promise_series",
            },
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
            ],
            options={
                "db_table": "appointment_slot",
            },
        ),
        migrations.CreateModel(
            name="WorkCalendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                ("zone", models.CharField(max_length=40)),
                ("region", models.CharField(blank=True, max_length=10)),
                ("local", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "db_table": "work_calendar",
            },
        ),
        migrations.AddField(
            model_name="step",
            name="shared",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="vertrauenskonto.sharedduty",
            ),
        ),
        migrations.AlterField(
            model_name="step",
            name="obligation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="vertrauenskonto.obligation",
            ),
        ),
        migrations.AddIndex(
            model_name="step",
            index=models.Index(
                condition=models.Q(("shared__isnull", False)),
                fields=["shared"],
                name="obligation_step_shared",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("obligation__isnull", False), ("shared", None)),
                    models.Q(("obligation", None), ("shared__isnull", False)),
                    _connector="OR",
                ),
                name="obligation_step_of_one",
            ),
        ),
        migrations.AddField(
            model_name="calendaruse",
            name="customer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="vertrauenskonto.customer",
            ),
        ),
        migrations.AddField(
            model_name="calendaruse",
            name="team",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, to="vertrauenskonto.team"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="vertrauenskonto.customer"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="entry",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="vertrauenskonto.entry"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="obligation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="vertrauenskonto.obligation",
            ),
        ),
        migrations.AddField(
            model_name="casestep",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, to="vertrauenskonto.case"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="vertrauenskonto.customer"
            ),
        ),
        migrations.AddField(
            model_name="customermessage",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="vertrauenskonto.customer"
            ),
        ),
        migrations.AddField(
            model_name="customermessage",
            name="incident",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="vertrauenskonto.incident",
            ),
        ),
        migrations.AddField(
            model_name="messagepromise",
            name="message",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="about",
                to="vertrauenskonto.customermessage",
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="colleague",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="vertrauenskonto.customer",
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="giver",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="incident",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="vertrauenskonto.incident",
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="keeper",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="team",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="vertrauenskonto.team",
            ),
        ),
        migrations.AddField(
            model_name="messagepromise",
            name="promise",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, to="vertrauenskonto.promise"
            ),
        ),
        migrations.AddField(
            model_name="promisestep",
            name="promise",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, to="vertrauenskonto.promise"
            ),
        ),
        migrations.AddField(
            model_name="series",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="vertrauenskonto.customer"
            ),
        ),
        migrations.AddField(
            model_name="series",
            name="giver",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="series",
            name="team",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="vertrauenskonto.team",
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="series",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, to="vertrauenskonto.series"
            ),
        ),
        migrations.AddField(
            model_name="slot",
            name="promise",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, to="vertrauenskonto.promise"
            ),
        ),
        migrations.AddField(
            model_name="calendarweek",
            name="calendar",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="weeks",
                to="vertrauenskonto.workcalendar",
            ),
        ),
        migrations.AddField(
            model_name="calendaruse",
            name="calendar",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, to="vertrauenskonto.workcalendar"
            ),
        ),
        migrations.AddField(
            model_name="calendarday",
            name="calendar",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="own_days",
                to="vertrauenskonto.workcalendar",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_date", None)),
                fields=["due_date", "id"],
                name="recovery_case_by_day",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_date__isnull", False)),
                fields=["closed_date"],
                name="recovery_case_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_date", None), ("entry__isnull", False)),
                fields=("entry",),
                name="recovery_case_one_open",
            ),
        ),
        migrations.AddIndex(
            model_name="casestep",
            index=models.Index(fields=["case", "id"], name="recovery_step_of"),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["customer", "id"], name="consent_of_customer"),
        ),
        migrations.AddIndex(
            model_name="customermessage",
            index=models.Index(fields=["customer", "id"], name="message_of_customer"),
        ),
        migrations.AddIndex(
            model_name="customermessage",
            index=models.Index(
                condition=models.Q(("state__in", ("waiting", "claimed", "sending"))),
                fields=["state", "id"],
                name="message_to_send",
            ),
        ),
        migrations.AddConstraint(
            model_name="customermessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("incident__isnull", False)),
                fields=("incident", "customer"),
                name="message_once_per_incident",
            ),
        ),
        migrations.AddConstraint(
            model_name="messagepromise",
            constraint=models.UniqueConstraint(
                fields=("message", "promise"), name="message_promise_once"
            ),
        ),
        migrations.AddIndex(
            model_name="promisestep",
            index=models.Index(fields=["promise", "id"], name="promise_step_of"),
        ),
        migrations.AddIndex(
            model_name="promisestep",
            index=models.Index(
                condition=models.Q(("what__in", ("warned", "overdue", "passed_on"))),
                fields=["at"],
                name="promise_step_told",
            ),
        ),
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(fields=["customer", "due_at"], name="promise_of_customer"),
        ),
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)),
                fields=["next_at"],
                name="promise_by_clock",
            ),
        ),
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["due_at", "id"], name="promise_open"
            ),
        ),
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False)),
                fields=["ended_at"],
                name="promise_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.UniqueConstraint(
                fields=("source", "source_id"), name="promise_once_per_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(("customer", None), ("colleague", None), _connector="OR"),
                name="promise_to_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(
                fields=("promise", "starts_at"), name="appointment_slot_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarweek",
            constraint=models.UniqueConstraint(
                fields=("calendar", "valid_from"), name="calendar_week_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="calendaruse",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Coalesce("team", "customer", 0),
                condition=models.Q(("customer", None), ("team", None)),
                name="calendar_of_company",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendaruse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("team__isnull", False)),
                fields=("team",),
                name="calendar_of_team",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendaruse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("customer__isnull", False)),
                fields=("customer",),
                name="calendar_of_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendaruse",
            constraint=models.CheckConstraint(
                condition=models.Q(("team", None), ("customer", None), _connector="OR"),
                name="calendar_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarday",
            constraint=models.UniqueConstraint(
                fields=("calendar", "day"), name="calendar_day_once"
            ),
        ),
    ]
