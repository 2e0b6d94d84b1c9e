"""What every view needs: who asks, the database, safe headers, ids and short texts."""
