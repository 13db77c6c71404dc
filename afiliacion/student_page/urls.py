"""The student's addresses: short, because some are typed from paper (see reminders/letters/links.py)."""

from django.urls import path

from afiliacion.student_page import views

app_name = "student_page"
urlpatterns = [
    path("a/<str:token>", views.page, name="page"),
    path("a/<str:token>/hoja", views.sheet, name="sheet"),
    path("a/<str:token>/renuncia", views.renounce, name="renounce"),
    path("a/<str:token>/quiero", views.want, name="want"),
    path("a/<str:token>/datos", views.contact, name="contact"),
    path("x/<str:token>", views.unsubscribe, name="unsubscribe"),
]
