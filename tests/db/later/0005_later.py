"""What a later version might do: a column more for facts and for reference data."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vertrauenskonto", "0004_promises")]
    operations = [
        migrations.AddField("membership", "weight", models.IntegerField(default=1)),
        migrations.AddField("team", "colour", models.CharField(max_length=20, default="blue")),
    ]
